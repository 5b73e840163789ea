import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pageHtml } from './page-html.ts'
import type { Report } from './report.ts'

/** Writes a report as one self-contained HTML file; its folder is made when it is missing. */
export async function writeReport(path: string, report: Report): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, pageHtml(report))
}
