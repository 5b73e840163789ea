// Your GSV: the first seconds of an amplifier, with what it says of itself. Without a url, a simulated one.
//   npm run example your-gsv.ts serial:/dev/ttyACM0
//   npm run example your-gsv.ts tcp://192.168.0.10:4711
import { column, observe } from '@messwerk/core'
import { gsvSource } from '@messwerk/gsv-driver'
import { simulateGsv } from '@messwerk/gsv-driver/simulator'
import { take } from 'rxjs'

const simulator = process.argv[2] ? undefined : simulateGsv({ rate: 100 })
const url = process.argv[2] ?? (await (simulator as ReturnType<typeof simulateGsv>).listen())

observe(gsvSource({ url }))
  .pipe(take(20))
  .subscribe({
    next(block) {
      const values = block.stream.channels.map(
        ({ name, unit }) => `${name} ${column(block, name)[0]?.toFixed(3)} ${unit}`
      )
      console.log(`${block.stream.id}: ${values.join(', ')}`)
    },
    error: (error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    },
    complete: () => void simulator?.close()
  })
