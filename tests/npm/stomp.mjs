// npm `stomp-broker-js`, a STOMP broker.

import StompServer from 'stomp-broker-js'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const server = httpServer(values)
new StompServer({ server, path: '/stomp', protocol: 'ws', heartbeat: [0, 0] })
listen(server, values)
