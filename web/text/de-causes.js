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
    title: 'Eine Station auf dem Weg entfernt den Wechsel zu WebSocket',
    user: `${NOT_YOU} ${SEND}; wenn es auch aus anderen Netzen nicht geht, dem Betreiber von {host}.`,
    it: 'Eine Station auf dem Weg entfernt Upgrade und Connection aus Anfragen an {host}. Suchen Sie nach einem Proxy oder Filter, der HTTP liest, und erlauben Sie dort WebSocket oder nehmen Sie den Host aus.',
  },
  'proxy-plain-ws': {
    title: 'Ein Proxy entfernt den Wechsel zu unverschlüsseltem WebSocket',
    user: 'Benutzen Sie die https-Adresse der Website. Gibt es keine, fragen Sie den Betreiber danach.',
    it: 'Squid ab Version 5: `http_upgrade_request_protocols websocket allow all`, kleingeschrieben, denn Namen werden genau verglichen. Ältere Squid-Versionen können es nicht durchlassen. Oder nehmen Sie {host} aus.',
  },
  'proxy-ws-policy': {
    title: 'Eine Regel im Netzwerk verbietet WebSocket',
    user: `Ihr Netzwerk lässt die Website laden, verbietet aber ihre Live-Verbindung. ${NOT_YOU} ${SEND} und bitten Sie sie, WebSocket zu {host} zu erlauben.`,
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
    user: `Falls Ihr Virenschutz Webverkehr prüft, nehmen Sie {host} dort aus. Sonst: ${SEND}.`,
    it: 'Ein Scanner sammelt die Antworten von {host}, bevor er sie weitergibt. Nehmen Sie den Host von der Inhaltsprüfung aus, oder schalten Sie das Puffern von Antworten ab (oft „data trickling“ oder „patience page“ genannt).',
  },
  'proxy-body-limit': {
    title: 'Ein Proxy lehnt große Uploads ab',
    user: `Kleine Uploads gehen durch, große werden unterwegs abgelehnt. ${SEND}.`,
    it: 'Ein Proxy lehnt Anfragen an {host} ab, deren Inhalt eine bestimmte Größe überschreitet (Status 413). Erhöhen Sie die Grenze, oder nehmen Sie den Host aus.',
  },
  'time-idle': {
    title: 'Eine Station auf dem Weg trennt ruhende Verbindungen',
    user: `${NOT_YOU} Die Verbindung wird getrennt, wenn eine Weile nichts übertragen wird. ${SEND}, wenn es stört.`,
    it: 'Eine Firewall oder ein Proxy trennt Verbindungen zu {host} nach kurzer Ruhe. Verlängern Sie dort die Frist für ruhende Verbindungen auf mindestens 5 Minuten.',
  },
  'time-max-life': {
    title: 'Eine Station auf dem Weg begrenzt das Alter von Verbindungen',
    user: `${NOT_YOU} Verbindungen werden nach einer festen Zeit getrennt, auch wenn sie benutzt werden. ${SEND}, wenn es stört.`,
    it: 'Ein Proxy oder eine Firewall begrenzt die Dauer von Verbindungen zu {host}. Heben Sie die Grenze für WebSocket auf, oder setzen Sie sie auf Stunden.',
  },
  'time-nat-silent': {
    title: 'Ein Router vergisst ruhende Verbindungen, ohne es zu sagen',
    user: 'Laden Sie die Seite neu, wenn sie hängt. In einem anderen Netz tritt es vielleicht nicht auf.',
    it: 'Ein Router oder eine Firewall verwirft den Zustand ruhender TCP-Verbindungen zu {host}. Verlängern Sie die Frist, und lassen Sie für beendete Verbindungen RST senden.',
  },
  'time-sleep': {
    title: 'Das Gerät hat geschlafen',
    user: 'Es ist nichts kaputt: Im Ruhezustand enden Verbindungen. Laden Sie die Seite neu, wenn sie nicht von selbst zurückkommt.',
    it: 'Im Netzwerk ist nichts zu ändern.',
  },
  'time-network-change': {
    title: 'Das Gerät hat das Netz gewechselt',
    user: 'Es ist nichts kaputt: Beim Wechsel zwischen WLAN, Mobilfunk oder VPN enden Verbindungen. Wiederholt es sich, prüfen Sie den Empfang.',
    it: 'Wiederholt es sich an einem Ort, prüfen Sie dort WLAN-Abdeckung, Roaming und VPN.',
  },
  'time-reload': {
    title: 'Ein Proxy wurde neu geladen und hat alle Verbindungen getrennt',
    user: 'Warten Sie einen Augenblick; die Verbindung kommt von selbst wieder.',
    it: 'Wird Ihr Proxy oft neu geladen, verlängern Sie die Frist, in der alte Verbindungen weiterlaufen dürfen.',
  },
  'net-offline': {
    title: 'Das Gerät hat keine Verbindung zum Internet',
    user: 'Prüfen Sie WLAN oder Kabel, und öffnen Sie eine beliebige Website: Vielleicht will das Netz eine Anmeldung.',
    it: 'Prüfen Sie, ob das Gerät eine Adresse und einen Weg ins Internet hat.',
  },
  'http-captive-portal': {
    title: 'Das Netz verlangt zuerst eine Anmeldung',
    user: 'Öffnen Sie eine beliebige Website ohne https, melden Sie sich auf der Seite an, die erscheint, und testen Sie noch einmal.',
    it: 'Das Anmeldeportal fängt Anfragen an {host} ab. Nach der Anmeldung darf es nicht mehr eingreifen.',
  },
  'http-block-page': {
    title: 'Ein Filter antwortet mit seiner eigenen Seite',
    user: `${SEND} und bitten Sie sie, {host} freizugeben.`,
    it: 'Ein Webfilter beantwortet Anfragen an {host} selbst. Geben Sie den Host frei oder ordnen Sie ihn richtig ein.',
  },
  'page-csp': {
    title: 'Die Sicherheitsrichtlinie der Seite verbietet die Verbindung',
    user: 'Das können Sie nicht beheben. Sagen Sie es dem Betreiber der Seite.',
    it: 'Nichts, außer wenn Ihr Proxy einen eigenen Header Content-Security-Policy hinzufügt.',
  },
  'page-mixed': {
    title: 'Eine verschlüsselte Seite verlangt eine unverschlüsselte Verbindung',
    user: 'Das können Sie nicht beheben. Sagen Sie es dem Betreiber der Seite.',
    it: 'Im Netzwerk ist nichts zu ändern.',
  },
  'page-monkeypatch': {
    title: 'Etwas hat das WebSocket des Browsers durch ein eigenes ersetzt',
    user: 'Schalten Sie Erweiterungen nacheinander ab, zuerst Werbeblocker und Entwicklerwerkzeuge.',
    it: 'Prüfen Sie Erweiterungen und Skripte, die Ihre Organisation per Richtlinie oder Proxy einfügt.',
  },
  'page-extension': {
    title: 'Eine Browser-Erweiterung blockiert die Verbindung',
    user: 'Schalten Sie Werbe- und Tracking-Blocker für diese Website ab und laden Sie neu. Hilft es, lassen Sie die Website auf der Ausnahmeliste.',
    it: 'Werden Erweiterungen per Richtlinie installiert, tragen Sie {host} in deren Ausnahmeliste ein.',
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
    title: 'Binäre Nachrichten werden blockiert, Text kommt durch',
    user: `${SEND}.`,
    it: 'Ein Inhaltsfilter verwirft binäre WebSocket-Nachrichten von und zu {host}. Nehmen Sie den Host von der Prüfung aus.',
  },
  'frame-big-silent': {
    title: 'Große Nachrichten verschwinden unterwegs',
    user: `Kleine Nachrichten gehen durch, große nicht. ${SEND}.`,
    it: 'Ein Gerät verschluckt große WebSocket-Nachrichten von oder zu {host}. Nehmen Sie den Host von der Inhaltsprüfung aus, und prüfen Sie bei VPN und PPPoE die MTU.',
  },
  'frame-too-big': {
    title: 'Große Nachrichten werden abgelehnt',
    user: `Kleine Nachrichten gehen durch, große nicht. ${SEND}.`,
    it: 'Ein Proxy begrenzt die Größe von WebSocket-Nachrichten von oder zu {host}. Erhöhen Sie die Grenze, oder nehmen Sie den Host aus.',
  },
  'frame-server-first-lost': {
    title: 'Was der Server gleich nach dem Öffnen sendet, geht verloren',
    user: `${SEND}.`,
    it: 'Ein Proxy verliert Daten, die unmittelbar auf die Antwort 101 folgen. Aktualisieren Sie ihn, oder nehmen Sie {host} aus.',
  },
  'frame-deflate-path': {
    title: 'Komprimierte Nachrichten kommen nicht durch',
    user: `${SEND}.`,
    it: 'Ein Proxy verändert WebSocket-Nachrichten an {host}, die mit permessage-deflate komprimiert sind. Aktualisieren Sie ihn, oder nehmen Sie den Host von der Prüfung aus.',
  },
  'tls-intercept-trusted': {
    title: 'Ihr Netzwerk öffnet und prüft die verschlüsselte Verbindung',
    user: 'Das ist in vielen Organisationen üblich und für sich kein Fehler.',
    it: 'Für sich kein Fehler. Scheitert WebSocket, nehmen Sie {host} von der TLS-Inspektion aus (Squid: `ssl_bump splice`).',
  },
  'unknown-below-app': {
    title: 'Die Verbindung wird unterwegs getrennt',
    user: `Das Netzwerk zwischen Ihnen und der Website trennt die Verbindung. Ein anderes Netz hilft vielleicht; wiederholt es sich: ${SEND}.`,
    it: 'Etwas zwischen Client und {host} trennt Verbindungen, ohne dass eine Seite es sagt. Sehen Sie in den Protokollen von Firewall und Proxy nach, wer um diese Zeit {host}:{port} beendet hat.',
  },
};
