// What the topics and the group of a trial are called.
export const TOPIC = 'measured'
export const GROUP = 'oracle'
export const STATE = 'oracle-state'
export const OUTPUTS = ['raw', 'windows', 'events'] as const
export const PARTITIONS = 4
