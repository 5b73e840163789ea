import { field } from '../field.ts'

/** Fields that many commands have. @internal */
export const CHANNEL = field('channel', 'u8', { note: 'from 1' })

/** @internal */
export const CHANNEL_OR_ALL = field('channel', 'u8', { note: 'from 1; 0 = all' })

/** @internal */
export const LINE = field('line', 'u8', { note: 'from 1' })

/** @internal */
export const LINE_OR_ALL = field('line', 'u8', { note: 'from 1; 0 = all' })

/** @internal */
export const INDEX = field('index', 'u8')

/** @internal */
export const FLAGS32 = field('flags', 'u32')

/** @internal */
export const INDICATOR = field('indicator', 'zero')
