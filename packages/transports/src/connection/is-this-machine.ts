import { isIPv4 } from 'node:net'

const MAPPED = '::ffff:'

/**
 * Whether a host is this machine by its name or address: what goes there is on no network. Of names only `localhost` is: where
 * one below it (`kafka.localhost`) leads is up to whoever resolves it.
 *
 * @param host - as in a URL; an IPv6 address with or without brackets
 * @internal
 */
export function isThisMachine(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || name === '::1' || name === '0:0:0:0:0:0:0:1') return true
  const address = name.startsWith(MAPPED) ? name.slice(MAPPED.length) : name
  return isIPv4(address) && address.startsWith('127.')
}
