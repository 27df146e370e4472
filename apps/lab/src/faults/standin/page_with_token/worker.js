// Logs in and opens a socket with the token, as a page would.
const asked = new URL(location).searchParams

async function start() {
  const answer = await fetch(`/token${location.search}`)
  const { token } = await answer.json()
  setTimeout(() => {
    const socket = new WebSocket(`ws${location.protocol.slice(4)}//${location.host}/socket`, 'graphql-transport-ws')
    socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }))
  }, Number(asked.get('late') ?? 1500))
}

start()
