import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesUnder } from './files-under.ts'

/** Links between the pages (also to headings in them) that lead nowhere; links to other hosts are not followed. */
export function brokenLinks(root: string): string[] {
  const pages = filesUnder(
    root,
    (name) => name.endsWith('.md') && !name.startsWith('docs/api/') && !name.startsWith('.changeset/')
  )
  return pages.flatMap((page) =>
    linksIn(readFileSync(join(root, page), 'utf8'))
      .filter((link) => !leadsSomewhere(root, page, link))
      .map((link) => `${page}: ${link} leads nowhere`)
  )
}

function linksIn(markdown: string): string[] {
  const prose = markdown.replaceAll(/^[ \t]*```[\s\S]*?^[ \t]*```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|<(?:img|a)\s[^>]*(?:src|href)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2]!
  )
}

function leadsSomewhere(root: string, page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true
  const [path, heading] = decodeURI(link).split('#') as [string, string?]
  const target = path ? join(root, path.startsWith('/') ? '' : dirname(page), path) : join(root, page)
  if (path.includes('docs/api/') || target.startsWith(join(root, 'docs/api/'))) return true
  if (!existsSync(target)) return false
  return (
    !heading ||
    statSync(target).isDirectory() ||
    !target.endsWith('.md') ||
    anchorsIn(readFileSync(target, 'utf8')).has(heading)
  )
}

function anchorsIn(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, text]) => text!)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-')
    )
  )
}
