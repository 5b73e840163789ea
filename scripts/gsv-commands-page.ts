// Makes docs/adapters/gsv-commands.md from the command tables: tsx scripts/gsv-commands-page.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  aoutTypes,
  bitLayouts,
  dioFunctions,
  type GsvCommand,
  gsv4Inputs,
  gsv4Rates,
  gsvCommands,
  inputTypes,
  legacyCommands,
  sensorElements,
  statusCodes,
  statusOf,
  tedsProperties,
  unitCodes
} from '@messwerk/gsv-driver/commands'
import { root } from './steps.ts'

const path = `${root}/docs/adapters/gsv-commands.md`

/** The reference page of the GSV commands, as the tables say. */
export function gsvCommandsPage(): string {
  return `${[
    INTRODUCTION,
    '## Commands of GSV-8 and GSV-6',
    LEGEND,
    commandTable(gsvCommands),
    '## Flags and parts of words',
    '`readBits(bitLayouts.modeGsv8, flags)` gives them by name, `writeBits` changes some and keeps the rest.',
    bitTables(),
    '## Status codes',
    'Every code but 0x00 and 0x01 becomes a `GsvError` with `status`, `statusName` and `hint`; codes that are not listed have the name `unknown`.',
    statusTable(),
    '## Units',
    'The device only shows the unit: it never changes the scaling. 255 and 254 are texts of the user (slots 0 and 1).',
    unitTable(),
    '## Inputs, outputs, digital lines',
    inputTables(),
    '## Six-axis sensors',
    'Elements of a calibration, by the type of ReadFTSensorCal and WriteFTSensorCal; matrices are row by row.',
    sensorTable(),
    '## TEDS properties',
    [...tedsProperties].map(([id, name]) => `${id} ${name}`).join(' · '),
    '## GSV-4, GSV-3 and GSV-2',
    LEGACY,
    ...Object.entries(legacyCommands).flatMap(([model, rows]) => [`### ${model.toUpperCase()}`, commandTable(rows)]),
    '### Rates and inputs of the GSV-4',
    table(
      ['rate code', 'Hz'],
      [...gsv4Rates].map(([code, rate]) => [hex(code), String(rate)])
    ),
    table(
      ['input code', 'input', 'range', 'unit'],
      [...gsv4Inputs].map(([code, input]) => [hex(code), input.name, rangeOf(input), input.unit])
    )
  ].join('\n\n')}\n`
}

const INTRODUCTION = `<!-- Generated from the tables in packages/gsv-driver/src/commands by scripts/gsv-commands-page.ts; change those. -->
# Commands of the GSV amplifiers

What each command takes and answers, who may use it, and what the numbers in it mean. The same tables make the typed functions of
\`@messwerk/gsv-driver/commands\`, the driver and the simulator. To read values, [the source](gsv.md) is enough.

\`\`\`ts
import { encodeRequestFrame } from '@messwerk/gsv-driver/codec'
import { decodeResponse, encodeRequest } from '@messwerk/gsv-driver/commands'

encodeRequestFrame(0x8b, encodeRequest('WriteDataRate', { rate: 100 })) // => Uint8Array.of(0xaa, 0x94, 0x8b, 0x42, 0xc8, 0, 0, 0x85)
decodeResponse('FirmwareVersion', Uint8Array.of(0, 1, 0, 56)) // => { major: 1, minor: 56 }
\`\`\``

const LEGEND = `Models: with the first firmware where not every one has it; GSV-6 includes the logger GSV-6BT. Access: *open* to everybody; *write* needs write
access and no lock; *user* the user's id (MEsetID) before; *manufacturer* is decoded and simulated, and refused by the driver. *Reset*: a
GSV-6 takes the setting over at its next reset. Numbers are big-endian; \`zero\` is a byte that is 0; \`text\` and \`bytes\` are all that
remains. Source: protocol specification of GSV-6 and GSV-8, 1.01.04 (English) and 1.01.06 (German).`

const LEGACY = `Older protocols: a command byte and its parameters, no acknowledgement. Codes that read on a GSV-8 write here and the other way round
(0x26, 0x27; 0x8a, 0x8b). What is marked *inferred* comes from names in a library, or from programs that were not tried here. Sources: operating
manuals and scripts of the manufacturer.`

function commandTable(rows: readonly GsvCommand[]): string {
  return table(
    ['code', 'name', 'does', 'models', 'parameters', 'answer', 'access', 'note'],
    rows.map((row) => [
      hex(row.code),
      row.name,
      row.direction,
      modelsOf(row),
      fieldsOf(row.request) + (row.alternative ? ` or ${fieldsOf(row.alternative)}` : ''),
      row.answer === 'measured' ? 'measured frame' : row.answer === 'none' ? 'no answer' : fieldsOf(row.response),
      accessOfRow(row),
      notesOf(row)
    ])
  )
}

function modelsOf({ models }: GsvCommand): string {
  const entries = Object.entries(models).map(
    ([model, first]) => `${model.slice(4).toUpperCase()}${first === 'any' ? '' : ` ≥ ${first}`}`
  )
  return entries.join(', ') || 'none'
}

function fieldsOf(fields: GsvCommand['request']): string {
  return (
    fields
      .map(({ name, type, unit }) => (type === 'zero' ? 'zero' : `${name}: ${type}${unit ? ` ${unit}` : ''}`))
      .join(', ') || '–'
  )
}

function accessOfRow({ access, accessOn = {} }: GsvCommand): string {
  return [
    access,
    ...Object.entries(accessOn).map(([model, level]) => `${model.slice(4).toUpperCase()}: ${level}`)
  ].join(' · ')
}

function notesOf(row: GsvCommand): string {
  const fields = [...new Set([...row.request, ...row.response])].filter(({ note }) => note)
  return [
    ...(row.reset ? ['reset'] : []),
    ...(row.unverified ? ['inferred'] : []),
    ...fields.map(({ name, note }) => `${name}: ${note}`),
    ...(row.note ? [row.note] : [])
  ].join(' · ')
}

function bitTables(): string {
  return table(
    ['word', 'parts'],
    Object.entries(bitLayouts).map(([word, layout]) => [
      `\`${word}\``,
      Object.entries(layout as Record<string, number | readonly [number, number]>)
        .map(([name, place]) => `${typeof place === 'number' ? place : place.join('–')} ${name}`)
        .join(', ')
    ])
  )
}

function statusTable(): string {
  return table(
    ['code', 'name', 'meaning', 'what to do', 'retryable'],
    statusCodes.map((code) => {
      const { name, meaning, hint, retryable } = statusOf(code)
      return [hex(code), name, meaning, hint, retryable ? 'yes' : '']
    })
  )
}

function unitTable(): string {
  return table(
    ['code', 'unit', 'UCUM'],
    unitCodes.map(([label, ucum], code) => [String(code), label || '(none)', `\`${ucum}\``])
  )
}

function inputTables(): string {
  const inputs = inputTypes.map((input, code) => [
    String(code),
    input.name,
    'nominal' in input ? String(input.nominal) : '',
    input.unit
  ])
  const outputs = aoutTypes.map((output, code) => [String(code), output.name])
  const lines = Object.entries(dioFunctions).map(([name, { code, direction }]) => [
    `0x${code.toString(16).padStart(6, '0')}`,
    `\`${name}\``,
    direction
  ])
  return [
    table(['input type (GSV-8)', 'input', 'nominal range of the standard model', 'unit'], inputs),
    table(['analog output type', 'output'], outputs),
    'Types of digital lines; 0x800000 is added to invert the active level, 0x400000 to mirror thresholds to negative values.',
    table(['line type', 'function', 'direction'], lines)
  ].join('\n\n')
}

function sensorTable(): string {
  return table(
    ['type', 'element', 'values', 'models'],
    Object.entries(sensorElements).map(([name, { type, count, models }]) => [
      String(type),
      `\`${name}\``,
      String(count),
      modelsOf({ models } as GsvCommand)
    ])
  )
}

function rangeOf({ low, high }: { readonly low?: number; readonly high?: number }): string {
  return low === undefined ? '' : `${low} to ${high}`
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path, gsvCommandsPage())
  console.log(`docs/adapters/gsv-commands.md: ${readFileSync(path, 'utf8').split('\n').length} lines`)
}
