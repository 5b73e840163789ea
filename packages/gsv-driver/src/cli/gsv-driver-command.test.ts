import { describe, expect, it } from 'vitest'
import { program } from './fixtures/program.ts'
import { HELP } from './gsv-driver-command.ts'

describe('gsv-driver', () => {
  it('lists its commands', async () => {
    const { out, ended } = program(['--help'])
    expect(await ended).toBe(0)
    expect(out).toEqual([HELP])
    expect(HELP).toMatchInlineSnapshot(`
      "usage: gsv-driver <command> [options]

        scan      serial ports that may be an amplifier; what answers at given devices
        info      what a device is and how it is set
        read      some scans as a table
        config    export, diff and apply the settings as one JSON document
        monitor   live values, rate, clock error and gaps
        record    scans into a file, CSV or NDJSON
        simulate  a simulated amplifier, as messwerk-gsv-sim

      gsv-driver <command> --help says more. A device is tcp://host:port or serial:/dev/ttyACM0, COM3.
      Exit codes: 0 it went well, 1 a device, link or file failed, 2 the command line is wrong."
    `)
  })

  it.each(['scan', 'info', 'read', 'config', 'monitor', 'record', 'simulate'])('explains %s', async (command) => {
    const { out, err, ended } = program([command, '--help'])
    expect(await ended).toBe(0)
    expect(err).toEqual([])
    const [text = ''] = out
    expect(text).toMatch(
      command === 'simulate' ? /^usage: messwerk-gsv-sim/ : new RegExp(`^usage: gsv-driver ${command} `)
    )
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  it.each([
    [[], 'a command is missing; it is one of scan, info, read, config, monitor, record, simulate'],
    [['toString'], "there is no command 'toString'; it is one of scan, info"],
    [['info'], 'info: <device> is missing; see gsv-driver info --help'],
    [['info', 'tcp://a:1', 'b'], "info: 'b' is too much"],
    [['info', 'tcp://a:1', '--speed', '3'], "info: Unknown option '--speed'"],
    [['info', 'tcp://10.0.0.5'], "got 'tcp://10.0.0.5'; add the port, for example tcp://10.0.0.5:4711"],
    [['info', 'tcp://10.0.0.5:99999'], "url must be 'tcp://host:port'"],
    [['info', 'somewhere'], "a device is tcp://host:port or serial:/dev/ttyACM0, got 'somewhere'"],
    [['info', 'tcp://a:1', '--timeout', 'soon'], 'timeout must be'],
    [['info', 'tcp://a:1', '--baud', 'fast'], "--baud must be a whole number of at least 1, got 'fast'"],
    [['read', 'tcp://a:1', '--scans', '0'], "--scans must be a whole number of at least 1, got '0'"],
    [['read', 'tcp://a:1', '--channels', 'force'], "--channels must be a list such as 1=force,2=torque, got 'force'"],
    [['monitor', 'tcp://a:1', '--every', '1'], '--every must be'],
    [['record', 'tcp://a:1'], 'record: <file> is missing'],
    [
      ['record', 'tcp://a:1', 'run.txt'],
      "--format must be csv or ndjson, or the file be named .csv or .ndjson, got 'run.txt'"
    ],
    [['config', 'import', 'tcp://a:1'], "what to do must be export, diff or apply, got 'import'"],
    [['config', 'diff', 'tcp://a:1', 'no-such-file.json'], 'cannot read the document: ENOENT'],
    [['config', 'diff', 'tcp://a:1', 'x.json', '--yes'], '--yes is for apply'],
    [['simulate', '--rate', 'fast'], "--rate must be a number, got 'fast'"]
  ])('refuses %j with exit code 2 and one line', async (args, message) => {
    const { out, err, ended } = program(args as string[])
    expect(await ended).toBe(2)
    expect(out).toEqual([])
    expect(err).toHaveLength(1)
    expect(err[0]).toContain(message)
    expect(err[0]).not.toContain('\n')
  })

  it.each(['info', 'read', 'monitor'])('%s says with exit code 1 that nobody answers', async (command) => {
    const { err, ended } = program([command, 'tcp://127.0.0.1:1'])
    expect(await ended).toBe(1)
    expect(err).toHaveLength(1)
    expect(err[0]).toMatch(
      /^gsv-driver: No connection to tcp:\/\/127\.0\.0\.1:1: connection refused; is the serial server/
    )
  })
})
