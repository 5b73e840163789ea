import { isSdkError } from '../../model/errors.ts'
import { inspectSpool, isDamaged, repairSpool, type SegmentReport } from './inspect-spool.ts'
import { nodeFiles, type SpoolFiles } from './spool-files.ts'

const USAGE = `usage: messwerk-spool <command> <folder> [--json]

  verify  reads everything and says what is damaged or missing; changes nothing
  repair  writes damaged files anew with what can be read of them, keeps the old ones as *.damaged
  dump    every batch as a line of JSON
  stats   what is in it, by stream

exit code: 0 all right, 1 damage was found (verify), 2 wrong usage or the folder cannot be read`

/** The command `messwerk-spool`: returns its exit code. @internal */
export async function spoolCommand(
  args: readonly string[],
  print: (line: string) => void,
  warn: (line: string) => void,
  files: SpoolFiles = nodeFiles
): Promise<number> {
  const [command = '', folder, ...more] = args.filter((arg) => arg !== '--json')
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (!run || folder === undefined || more.length > 0 || folder.startsWith('-')) {
    warn(USAGE)
    return 2
  }
  try {
    return await run({ files, folder, isJson: args.includes('--json'), print })
  } catch (error) {
    warn(isSdkError(error) ? error.message : `${folder}: ${(error as Error).message}`)
    return 2
  }
}

interface Call {
  readonly files: SpoolFiles
  readonly folder: string
  readonly isJson: boolean
  readonly print: (line: string) => void
}

const COMMANDS: Readonly<Record<string, (call: Call) => Promise<number>>> = { verify, repair, dump, stats }

async function verify({ files, folder, isJson, print }: Call): Promise<number> {
  const segments = await inspectSpool(files, folder)
  const damaged = segments.filter(isDamaged)
  if (isJson) print(JSON.stringify({ damaged: damaged.length > 0, segments }))
  else for (const line of verdict(segments)) print(line)
  return damaged.length > 0 ? 1 : 0
}

function* verdict(segments: readonly SegmentReport[]): Generator<string> {
  for (const { file, damagedBytes, undefinedBatches, header, holes } of segments) {
    if (header) yield `${file}: ${header}`
    if (damagedBytes > 0) yield `${file}: ${damagedBytes} bytes are no record: damaged, or torn by a crash at the end`
    if (undefinedBatches > 0) yield `${file}: ${undefinedBatches} batches of streams whose definition is damaged`
    for (const [from, to] of holes) yield `${file}: positions ${from} to ${to} are missing; readers get a gap`
  }
  const batches = segments.reduce((sum, segment) => sum + segment.batches, 0)
  const state = segments.some(isDamaged) ? 'damaged: stop the writer and run repair' : 'no damage'
  yield `${segments.length} files, ${batches} batches, ${state}`
}

async function repair({ files, folder, isJson, print }: Call): Promise<number> {
  const repaired = await repairSpool(files, folder)
  if (isJson) print(JSON.stringify({ repaired }))
  else print(repaired.length > 0 ? `written anew: ${repaired.join(', ')}` : 'nothing to repair')
  return 0
}

async function dump({ files, folder, print }: Call): Promise<number> {
  await inspectSpool(files, folder, (position, at, { split, position: theirs, blocks, events, ids, rejected }) => {
    const streams = blocks.map(({ stream, length, time, gap, origin }) => {
      const { historical } = origin
      return { stream: stream.id, scans: length, start: String(time.start), clock: time.clock, gap, historical }
    })
    const idList = ids && Array.from(ids)
    const refused = rejected?.map(({ error, from, payload }) => ({ error: error.message, from, bytes: payload.length }))
    print(
      JSON.stringify({
        position,
        at,
        split,
        sourcePosition: theirs,
        blocks: streams,
        events,
        ids: idList,
        rejected: refused
      })
    )
  })
  return 0
}

async function stats({ files, folder, isJson, print }: Call): Promise<number> {
  const segments = await inspectSpool(files, folder)
  const streams: Record<string, number> = {}
  for (const segment of segments) {
    for (const [stream, scans] of Object.entries(segment.streams)) streams[stream] = (streams[stream] ?? 0) + scans
  }
  const sum = (of: (segment: SegmentReport) => number): number =>
    segments.reduce((total, segment) => total + of(segment), 0)
  const total = {
    files: segments.length,
    bytes: sum(({ bytes }) => bytes),
    batches: sum(({ batches }) => batches),
    scans: sum(({ scans }) => scans)
  }
  const firsts = segments.flatMap(({ first }) => first ?? [])
  const lasts = segments.flatMap(({ last }) => last ?? [])
  const times = {
    from: segments.find(({ from }) => from !== undefined)?.from,
    to: segments.findLast(({ to }) => to !== undefined)?.to
  }
  if (isJson) {
    print(JSON.stringify({ ...total, first: firsts[0], last: lasts.at(-1), ...times, streams }))
    return 0
  }
  print(`${total.files} files, ${total.bytes} bytes, ${total.batches} batches, ${total.scans} scans`)
  if (times.from !== undefined) {
    print(`positions ${firsts[0]} to ${lasts.at(-1)}, arrived ${iso(times.from)} to ${iso(times.to as number)}`)
  }
  for (const [stream, scans] of Object.entries(streams)) print(`${stream}: ${scans} scans`)
  return 0
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
