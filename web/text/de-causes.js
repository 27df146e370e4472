/**
 * The causes that page and gateway can find, in German: title, and who must change what.
 *
 * `{host}` and `{port}` are filled in by the page. Lines for a product's configuration are those of the catalogue. Where a
 * member is missing, or a cause, the catalogue's English text is shown.
 */

const SEND = 'Geben Sie dieses Ergebnis Ihrer IT-Abteilung weiter';
const NOT_YOU = 'Es liegt nicht an Ihrem Computer oder Passwort.';
const ELSEWHERE = 'ein anderes Netz, etwa der Hotspot eines Telefons, hilft bis dahin';

/** @type {Record<string, { title: string, user: string, it: string, operator?: string }>} */
export default {
  'proxy-inspect-strip': {
    title: 'Ein Proxy, der verschlüsselten Verkehr prüft, entfernt den Wechsel zu WebSocket',
    user: `Ihr Netzwerk lässt die Website laden, verhindert aber ihre Live-Verbindung. ${NOT_YOU} ${SEND}; ${ELSEWHERE}.`,
    it: 'Ein Proxy mit TLS-Inspektion entfernt den HTTP-Header Upgrade aus Anfragen an {host}. Nehmen Sie {host} von der Inspektion aus oder erlauben Sie WebSocket. Squid ab Version 5: `http_upgrade_request_protocols websocket allow all`, kleingeschrieben (die Schreibweise WebSocket passt nicht zu dem, was Clients senden), oder `ssl_bump splice` für den Host. Diladele: den Host in die HTTPS-Ausnahmen aufnehmen. Smoothwall: „Do not inspect“ oberhalb von „Decrypt and inspect“. Sonst: die Ausnahmeliste der Inspektion.',
  },
  'http-upgrade-stripped': {
    title: 'Ein Reverse-Proxy vor dem Server lässt den Wechsel zu WebSocket nicht durch',
    user: 'Das können Sie nicht beheben. Sagen Sie dem Betreiber von {host}, dass Live-Verbindungen bei allen scheitern.',
    it: 'In Ihrem Netz ist nichts zu ändern, wenn Live-Verbindungen zu {host} aus jedem Netz scheitern: Dann geht der Header auf der Seite des Servers verloren. Funktionieren sie anderswo, verliert ihn einer Ihrer Proxys: Lassen Sie das Upgrade `websocket` durch (Squid ab Version 5: `http_upgrade_request_protocols websocket allow all`, kleingeschrieben), oder nehmen Sie {host} aus.',
    operator: 'nginx: `proxy_set_header Upgrade $http_upgrade;` und `proxy_set_header Connection $connection_upgrade;` mit einer `map $http_upgrade $connection_upgrade`, die sonst `upgrade` und für einen leeren Wert einen leeren Text ergibt; vor 1.29.7 außerdem `proxy_http_version 1.1;`. Apache ab 2.4.47: der Zusatz upgrade=websocket an ProxyPass; älter: mod_proxy_wstunnel mit einem ws://-Ziel. Envoy und Istio: `upgrade_configs` mit `upgrade_type: websocket` am Listener oder an der Route. IIS: das WebSocket-Protokoll und ARR 3 installieren. HAProxy und Caddy lassen das Upgrade ohne Einstellung durch.',
  },
  'proxy-plain-ws': {
    title: 'Ein Proxy entfernt den Wechsel zu unverschlüsseltem WebSocket',
    user: 'Benutzen Sie die https-Adresse der Website. Gibt es keine, fragen Sie den Betreiber danach.',
    it: 'Squid ab Version 5: `http_upgrade_request_protocols websocket allow all`, kleingeschrieben, denn Namen werden genau verglichen. Ältere Squid-Versionen können es nicht durchlassen. Oder nehmen Sie {host} aus.',
  },
  'proxy-ws-policy': {
    title: 'Eine Regel des Proxys verbietet WebSocket',
    user: `Ihr Netzwerk lässt die Website laden, verbietet aber ihre Live-Verbindung. ${SEND} und bitten Sie sie, WebSocket zu {host} zu erlauben.`,
    it: 'Erlauben Sie WebSocket zu {host}. Broadcom ProxySG: eine Policy-Regel mit `http.websocket=yes` und dem Host, oberhalb des Verbots. Skyhigh: Common Rules, Websocket Control. Proxys auf Envoy-Basis antworten mit 403, solange der Upgrade-Typ nicht eingeschaltet ist: `upgrade_type: websocket` ergänzen.',
  },
  'proxy-connect-denied': {
    title: 'Der Proxy lehnt die Verbindung zu diesem Host ab',
    user: `${SEND} und bitten Sie sie, {host} freizugeben.`,
    it: 'Erlauben Sie CONNECT zu {host}:{port}. Squid: `acl towpath dstdomain {host}` und `http_access allow CONNECT towpath` oberhalb der ablehnenden Regel. Kategoriefilter: den Host zu den erlaubten Websites hinzufügen.',
  },
  'proxy-101-rst': {
    title: 'Ein Proxy lässt den Verbindungsaufbau zu und trennt bei der ersten Nachricht',
    user: `Ihr Netzwerk trennt Live-Verbindungen, sobald sie offen sind. ${NOT_YOU} ${SEND}; ${ELSEWHERE}.`,
    it: 'Ein Gerät mit Inhaltsprüfung setzt die Verbindung zu {host} beim ersten WebSocket-Frame zurück. Nehmen Sie {host} von TLS- und Inhaltsprüfung, Anwendungskontrolle und Angriffserkennung aus; mehr ist nicht nötig.',
  },
  'proxy-101-mute': {
    title: 'Die Verbindung öffnet sich, aber keine Nachricht kommt durch',
    user: 'Versuchen Sie es aus einem anderen Netz. Geht es dort, geben Sie dieses Ergebnis Ihrer IT-Abteilung weiter; wenn nicht, dem Betreiber von {host}.',
    it: 'Ein Proxy nimmt WebSocket zu {host} an, leitet die Frames aber nicht weiter. Nehmen Sie {host} von der Prüfung aus, oder bringen Sie den Proxy auf eine Version, die WebSocket beherrscht.',
  },
  'proxy-buffer': {
    title: 'Ein Proxy hält Nachrichten zurück und liefert sie stoßweise',
    user: `Falls Ihr Virenschutz Webverkehr prüft, nehmen Sie {host} dort aus. Hilft das nicht: ${SEND}.`,
    it: 'Ein Scanner sammelt die Antworten von {host}, bevor er sie weitergibt. Nehmen Sie den Host von der Inhaltsprüfung aus, oder schalten Sie das Puffern von Antworten ab (oft „data trickling“ oder „patience page“ genannt).',
  },
  'proxy-body-limit': {
    title: 'Ein Proxy lehnt Uploads ab einer bestimmten Größe ab',
    user: `Ihr Netzwerk lässt größere Uploads zu dieser Website nicht durch. ${SEND}; ${ELSEWHERE}.`,
    it: 'Ein Proxy beantwortet größere Anfragen an {host} mit Status 413. Erhöhen Sie seine Grenze für den Inhalt von Anfragen (Squid: `request_body_max_size`, 0 bedeutet keine Grenze), oder nehmen Sie {host} von der Inhaltsprüfung aus.',
  },
  'time-idle': {
    title: 'Eine Station auf dem Weg trennt Verbindungen, die zu lange ruhen',
    user: 'Laden Sie die Seite neu, wenn sie stehen bleibt. Sagen Sie dem Betreiber von {host}, nach wie vielen Sekunden ohne Verkehr es geschieht.',
    it: 'Geschieht es nur in Ihrem Netz, verlängern Sie auf Firewall und Proxy die Frist für ruhende TCP- oder WebSocket-Verbindungen zu {host} auf mindestens 5 Minuten.',
    operator: 'Senden Sie alle 15 bis 25 s in beiden Richtungen eine kleine Nachricht (Heartbeat); das hilft auf jedem Weg. Erhöhen Sie dann Ihre eigenen Grenzen: nginx `proxy_read_timeout` und `proxy_send_timeout` (60 s ohne Einstellung), HAProxy `timeout tunnel 1h`, AWS ALB `idle_timeout.timeout_seconds` (60), Envoy `stream_idle_timeout` (300 s).',
  },
  'time-max-life': {
    title: 'Eine Station auf dem Weg begrenzt, wie lange eine Verbindung leben darf',
    user: 'Laden Sie die Seite neu, wenn sie stehen bleibt, und sagen Sie dem Betreiber von {host}, nach welcher Zeit es geschieht.',
    it: 'Geschieht es nur in Ihrem Netz, erhöhen Sie die Lebensdauer von Verbindungen zu {host} (Squid `client_lifetime`).',
  },
  'time-nat-silent': {
    title: 'Ein Router hat die Verbindung vergessen und es niemandem gesagt',
    user: 'Laden Sie die Seite neu, wenn nichts mehr kommt. In Mobilfunk- und Gastnetzen ist das häufig.',
    it: 'Verlängern Sie die TCP-Frist von Firewall oder NAT für {host} (RFC 5382 verlangt mindestens 2 Stunden und 4 Minuten), oder lassen Sie das Gerät einen Reset senden, wenn es eine Verbindung verwirft.',
  },
  'time-sleep': {
    title: 'Das Gerät hat geschlafen',
    user: 'Es ist nichts kaputt; laden Sie nach dem Aufwachen neu. Für Arbeiten, die weiterlaufen müssen, halten Sie das Gerät wach.',
    it: 'Nichts, außer wenn Geräte verbunden bleiben müssen: Dann passen Sie die Energierichtlinie an.',
  },
  'time-network-change': {
    title: 'Das Gerät hat das Netz gewechselt',
    user: 'Es ist nichts kaputt; warten Sie einen Augenblick oder laden Sie neu. Geschieht es oft, hilft besserer WLAN-Empfang oder ein beständiges VPN.',
    it: 'Geschieht es in einem bestimmten Gebäude, prüfen Sie den Wechsel zwischen WLAN-Zugangspunkten und die Neuverbindungen des VPN.',
  },
  'time-reload': {
    title: 'Ein Proxy vor dem Server wurde neu geladen und hat alle Verbindungen getrennt',
    user: 'Laden Sie die Seite neu. Sagen Sie dem Betreiber von {host}, wann es geschah.',
    it: 'Nichts, außer wenn der Proxy Ihnen gehört.',
  },
  'net-offline': {
    title: 'Dieses Gerät hat kein funktionierendes Netz',
    user: 'Prüfen Sie Kabel, WLAN, Flugmodus und VPN. Öffnen Sie eine beliebige Website; erscheint eine Anmeldeseite des Netzes, füllen Sie sie aus.',
    it: 'Prüfen Sie Adresse, Gateway und Routen des Geräts, und ob der VPN-Client ohne Verbindung den Verkehr sperrt.',
  },
  'http-captive-portal': {
    title: 'Das Netz verlangt zuerst eine Anmeldung oder Zustimmung',
    user: 'Öffnen Sie im Browser irgendeine Seite ohne https, füllen Sie die Anmeldeseite des Netzes aus, und versuchen Sie es dann noch einmal.',
    it: 'Gastnetze: Schließen Sie die Anmeldung ab, oder setzen Sie das Gerät auf die Ausnahmeliste des Portals (nach MAC-Adresse oder Konto).',
  },
  'http-block-page': {
    title: 'Ein Webfilter antwortet mit seiner Sperrseite',
    user: 'Öffnen Sie https://{host}/ im Browser: Die Seite nennt den Filter und bietet oft einen Knopf, um Zugang zu beantragen. Schicken Sie sie Ihrer IT-Abteilung.',
    it: 'Ihr Webfilter sperrt {host}. Ist der Host erwünscht, nehmen Sie ihn in die erlaubten Websites auf oder lassen Sie seine Kategorie beim Hersteller ändern; erlauben Sie dafür auch WebSocket. Die Sperrseite nennt meist Regel und Kategorie.',
  },
  'page-csp': {
    title: 'Die Sicherheitsrichtlinie der Seite verbietet die Verbindung',
    user: 'Das können Sie nicht beheben. Sagen Sie es dem Betreiber der Seite.',
    it: 'Nichts, außer wenn Ihr Proxy einen eigenen Header Content-Security-Policy hinzufügt.',
    operator: 'Nehmen Sie `wss://{host}` (mit dem Port, wenn es nicht 443 ist) in connect-src auf. Bei älterem Safari gilt \'self\' nicht für WebSocket: Nennen Sie die Adresse. Suchen Sie auch nach einer zweiten Richtlinie in einem meta-Element oder von einem Proxy: Alle müssen es erlauben.',
  },
  'page-mixed': {
    title: 'Eine verschlüsselte Seite versucht ein unverschlüsseltes WebSocket',
    user: 'Das können Sie nicht beheben. Sagen Sie es dem Betreiber der Seite.',
    it: 'In Ihrem Netz ist nichts zu ändern.',
    operator: 'Verwenden Sie wss://, am besten aus der Adresse der Seite gebildet. Geben Sie dem WebSocket-Server TLS auf Port 443, oder stellen Sie ihn hinter den Proxy, der die Seite ausliefert.',
  },
  'page-monkeypatch': {
    title: 'Etwas hat das WebSocket des Browsers durch ein eigenes ersetzt',
    user: 'Schalten Sie Erweiterungen nacheinander ab, zuerst Werbeblocker und Entwicklerwerkzeuge.',
    it: 'Prüfen Sie Erweiterungen und Skripte, die Ihre Organisation per Richtlinie oder Proxy einfügt.',
  },
  'page-extension': {
    title: 'Eine Browser-Erweiterung blockiert die Verbindung',
    user: 'Schalten Sie den Blocker für diese Website ab und laden Sie neu. Hilft es, lassen Sie die Website auf seiner Ausnahmeliste.',
    it: 'Werden Erweiterungen per Richtlinie installiert, setzen Sie {host} auf deren Ausnahmeliste.',
  },
  'page-admin-policy': {
    title: 'Die Browser-Richtlinie der Organisation sperrt die Adresse',
    user: 'Bitten Sie Ihre IT-Abteilung, {host} in der Browser-Richtlinie zu erlauben.',
    it: 'Tragen Sie `wss://{host}` und `https://{host}` in URLAllowlist ein (Chrome und Edge) oder berichtigen Sie den Eintrag in URLBlocklist; Firefox: WebsiteFilter.',
  },
  'page-socket-limit': {
    title: 'Im Browser sind zu viele WebSockets offen',
    user: 'Schließen Sie Tabs, die Sie nicht brauchen, oder starten Sie den Browser neu.',
    it: 'Im Netzwerk ist nichts zu ändern.',
  },
  'page-freeze-bfcache': {
    title: 'Der Browser hat die Seite eingefroren und ihre Verbindungen geschlossen',
    user: 'Es ist nichts kaputt; laden Sie neu, wenn die Seite nicht von selbst zurückkommt.',
    it: 'Im Netzwerk ist nichts zu ändern.',
  },
  'page-throttle': {
    title: 'Der Browser bremst die Seite im Hintergrund',
    user: 'Lassen Sie den Tab sichtbar, oder nehmen Sie die Website vom Energiesparen des Browsers aus.',
    it: 'Edge: Die Richtlinie SleepingTabsBlockedForUrls kann {host} ausnehmen. Chrome: IntensiveWakeUpThrottlingEnabled aus und TabDiscardingExceptions.',
  },
  'frame-binary-blocked': {
    title: 'Textnachrichten kommen durch, binäre nicht',
    user: 'Versuchen Sie es aus einem anderen Netz, etwa über den Hotspot Ihres Telefons. Geht es dort, sagen Sie es Ihrer IT-Abteilung; wenn nicht, dem Betreiber von {host}.',
    it: 'Ein Filter sperrt binäre WebSocket-Nachrichten an {host}: Nehmen Sie den Host von der Inhaltsprüfung aus, oder erlauben Sie binäre WebSocket-Frames.',
  },
  'frame-big-silent': {
    title: 'Große Nachrichten verschwinden ohne jede Antwort',
    user: 'Senden Sie vorerst kleinere Stücke. Versuchen Sie es aus einem anderen Netz; geht es dort, sagen Sie es Ihrer IT-Abteilung.',
    it: 'Ein Gerät prüft den Inhalt von WebSocket-Verbindungen und verschluckt große Nachrichten an {host}. Nehmen Sie den Host von der Prüfung aus, oder erhöhen Sie die Grenze des Geräts für eine einzelne Nachricht.',
  },
  'frame-too-big': {
    title: 'Eine Nachricht ist größer, als die Gegenseite annimmt',
    user: 'Senden Sie weniger auf einmal: eine kleinere Datei oder ein kleineres Bild. Sagen Sie dem Betreiber von {host}, bei welcher Größe es scheitert.',
    it: 'In Ihrem Netz ist nichts zu ändern, außer wenn es anderswo funktioniert: Dann begrenzt Ihr Proxy die Größe von Nachrichten für {host}.',
    operator: 'Teilen Sie große Nachrichten, oder erhöhen Sie die Grenze: ws `maxPayload`, Socket.IO `maxHttpBufferSize` (1 MB), Spring `setMaxTextMessageBufferSize`, gorilla `SetReadLimit`, Cowboy `max_frame_size`, tungstenite `max_message_size`. Bei Amazon API Gateway sind es fest 32 KB je Frame und 128 KB je Nachricht: Teilen Sie. Schließen Sie mit 1009 und einer Begründung.',
  },
  'frame-server-first-lost': {
    title: 'Die erste Nachricht des Servers geht gleich nach dem Öffnen verloren',
    user: 'Laden Sie die Seite neu. Bleibt es dabei, sagen Sie es dem Betreiber von {host}.',
    it: 'Geschieht es nur über Ihren Proxy, aktualisieren Sie ihn, oder nehmen Sie {host} aus.',
  },
  'frame-deflate-path': {
    title: 'Eine Station entfernt die Vereinbarung der Komprimierung, aber nicht die Komprimierung',
    user: 'Versuchen Sie es aus einem anderen Netz. Geht es dort, sagen Sie es Ihrer IT-Abteilung; wenn nicht, dem Betreiber von {host}.',
    it: 'Ihr Proxy entfernt den Header Sec-WebSocket-Extensions nur auf einer Teilstrecke. Lassen Sie ihn in beiden Richtungen durch, oder nehmen Sie {host} aus.',
  },
  'tls-intercept-trusted': {
    title: 'Ein Proxy in diesem Netz entschlüsselt die Verbindung',
    user: `Ihre Organisation prüft verschlüsselten Verkehr; das ist meist gewollt. Nur wenn etwas scheitert: ${SEND}.`,
    it: 'Wird auch ein Fehler bei WebSocket gemeldet, nehmen Sie {host} von der Inspektion aus. Squid: `ssl_bump splice` für eine acl vom Typ ssl::server_name. Palo Alto: eine No-Decrypt-Regel. Zscaler: SSL-Inspection-Regel „Do Not Inspect“. Fortinet: Ausnahmeliste des SSL-Inspection-Profils. Check Point: HTTPS-Inspection-Regel „Bypass“. Netskope: SSL „Do Not Decrypt“. Cisco Umbrella: Selective-Decryption-Liste. Smoothwall: „Do not inspect“, oberhalb von „Decrypt and inspect“.',
  },
  'unknown-below-app': {
    title: 'Etwas unterhalb der Anwendung hat die Verbindung getrennt',
    user: 'Machen Sie den Test noch einmal in einem anderen Netz, etwa über den Hotspot eines Telefons, und heben Sie beide Ergebnisse auf: Der Vergleich zeigt meist die Stelle.',
    it: 'Ist nur Ihr Netz betroffen, nehmen Sie {host} versuchsweise von der Prüfung aus, und sehen Sie in den Protokollen von Firewall und Proxy nach, was zur Zeit des Abbruchs geschah.',
  },
};
