import type { Transmission } from './transmission.ts'

/**
 * A device that exists only as bytes: requests in, answers out; measured frames come from its transmission.
 *
 * @internal
 */
export interface SimulatedDevice {
  /** Serial number. */
  readonly serial: number
  readonly transmission: Transmission
  /** Measured scans a second as the device states them, Hz. */
  readonly rate: number
  /** Whether continuous transmission is on. */
  readonly transmitting: boolean
  /** Whether a host has started the transmission; scans count from then on. */
  started: boolean
  /** How long the device is off from now on, ms: it was reset. Whoever runs it waits, sets this to 0 and calls `powerUp`. */
  silence: number
  /** Bytes of a request that wait for the rest of it. */
  readonly pending: number
  /** Takes bytes of the host in any cutting and returns what the device sends for them. */
  take(bytes: Uint8Array): Uint8Array[]
  /** No byte came for longer than a request may take; returns what the device sends for it. */
  idle(): Uint8Array[]
  /** The host did not read in time: frames were lost. */
  overflowed(): void
  /** Switches the device on anew: everything volatile is forgotten. */
  powerUp(): void
}
