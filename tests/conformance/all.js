// Every case of the suite.

import './cases/shape.js'
import './cases/address.js'
import './cases/events.js'
import './cases/send.js'
import './cases/close.js'
import './cases/request.js'

export { run } from './suite.js'
