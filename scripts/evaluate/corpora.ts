import { adbench } from './adbench.ts'
import type { Corpus } from './corpus.ts'
import { cwru } from './cwru.ts'
import { gearbox } from './gearbox.ts'
import { hydraulic } from './hydraulic.ts'
import { ims } from './ims.ts'
import { itsc } from './itsc.ts'
import { metropt } from './metropt.ts'
import { nab } from './nab.ts'
import { asd, nasaTelemetry, smd } from './series.ts'
import { skab } from './skab.ts'
import { tep } from './tep.ts'

/** All corpora that can be run. */
export const corpora: readonly Corpus[] = [
  skab,
  nab,
  adbench,
  tep,
  hydraulic,
  gearbox,
  cwru,
  itsc,
  metropt,
  smd,
  asd,
  nasaTelemetry,
  ims
]
