import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = `${import.meta.dirname}/../..`
const page = readFileSync(`${root}/docs/models/from-python.md`, 'utf8')

it('the page shows the program that its services test runs', () => {
  const [, program] = /^```python\n(.*?)^```/ms.exec(page)!
  expect(program).toBe(readFileSync(`${import.meta.dirname}/from_features.py`, 'utf8'))
})

it('messwerk_bundle.py is short, and needs only onnx and the numpy that onnx brings until a model needs more', () => {
  const lines = readFileSync(`${root}/python/messwerk_bundle.py`, 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(120)
  expect(lines.filter((line) => /^(import|from) /.test(line))).toEqual([
    'import copy, datetime, hashlib, io, json, os, pathlib, warnings, zipfile, numpy as np, onnx  # noqa: E401'
  ])
})
