import type { DuckDBConnection } from '@duckdb/node-api'
import type { EventValue, MeasurementEvent } from '@messwerk/core/model'
import { columnsOf } from './schema.ts'
import { instant, name, text } from './sql.ts'
import { msOfNs } from './write-events.ts'

type Row = [
  id: string,
  kind: MeasurementEvent['kind'],
  phase: MeasurementEvent['phase'],
  stream: string,
  rule: string,
  start: bigint,
  peak: bigint | null,
  end: bigint | null,
  score: number | null,
  limit: number | null,
  contributions: string | null,
  values: string | null,
  model: string | null,
  split: string,
  position: bigint,
  data: string | null
]

const COLUMNS = `id, kind, phase, stream, rule, epoch_ns(start), epoch_ns(peak), epoch_ns("end"), score, "limit",
  contributions, "values", model, split, position, data`

/** Events that meet a span of time, in the order of their start; none when the table does not exist yet. @internal */
export async function readEvents(
  connection: DuckDBConnection,
  table: string,
  span: { readonly from: bigint; readonly to: bigint; readonly stream?: string | undefined }
): Promise<MeasurementEvent[]> {
  if ((await columnsOf(connection, table)).length === 0) return []
  const { from, to, stream } = span
  const ofStream = stream === undefined ? '' : `AND stream = ${text(stream)}`
  const result = await connection.run(`SELECT ${COLUMNS} FROM ${name(table)}
    WHERE start < ${instant(to)} AND (start >= ${instant(from)} OR "end" >= ${instant(from)}
      OR ("end" IS NULL AND phase = 'begin' AND kind <> 'notice')) ${ofStream} ORDER BY start, id`)
  return ((await result.getRowsJS()) as Row[]).map(toEvent)
}

function toEvent(row: Row): MeasurementEvent {
  const [
    id,
    kind,
    phase,
    stream,
    rule,
    start,
    peak,
    end,
    score,
    limit,
    contributions,
    values,
    model,
    split,
    position,
    data
  ] = row
  return {
    id,
    kind,
    phase,
    stream,
    rule,
    start: msOfNs(start),
    ...(peak !== null && { peak: msOfNs(peak) }),
    ...(end !== null && { end: msOfNs(end) }),
    ...(score !== null && { score }),
    ...(limit !== null && { limit }),
    ...(contributions !== null && { contributions: JSON.parse(contributions) as Record<string, number> }),
    ...(values !== null && { values: JSON.parse(values) as Record<string, EventValue> }),
    ...(model !== null && { model }),
    origin: { split, position: Number(position) },
    ...(data !== null && { data: JSON.parse(data) as unknown })
  }
}
