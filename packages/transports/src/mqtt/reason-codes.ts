/** MQTT 5.0, table 2-6, and the return codes of MQTT 3.1.1, table 3.1. */
const REASONS: Readonly<Record<number, string>> = {
  1: 'unacceptable protocol version',
  2: 'client identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep alive timeout',
  142: 'session taken over',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  145: 'packet identifier in use',
  146: 'packet identifier not found',
  147: 'receive maximum exceeded',
  148: 'topic alias invalid',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  154: 'retain not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  158: 'shared subscriptions not supported',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
  161: 'subscription identifiers not supported',
  162: 'wildcard subscriptions not supported'
}

/** `not authorized (reason 135)`. @internal */
export function reasonText(code: number): string {
  return `${REASONS[code] ?? 'unknown reason'} (reason ${code})`
}

const REFUSED = new Set([4, 5, 134, 135, 138, 140])
const FOR_NOW = new Set([3, 128, 131, 136, 137, 139, 147, 150, 151, 152, 156, 157, 159, 160])

/** What a reason code asks for: other credentials, patience, or another program. @internal */
export function kindOfReason(code: number): 'credentials' | 'patience' | 'protocol' {
  if (REFUSED.has(code)) return 'credentials'
  return FOR_NOW.has(code) ? 'patience' : 'protocol'
}
