// The house rules that no ready-made lint rule knows. Each is broken on purpose in scripts/rules.test.ts.

const externals = {
  rxjs: 'rxjs',
  'fast-check': 'fast-check',
  'ml-matrix': 'ml-matrix',
  fflate: 'fflate',
  'onnxruntime-common': 'onnxruntime-common'
}

/**
 * Who may import whom. A unit is a package, or a folder of the core (`core/index` is its root entry).
 * `node` stands for Node's own modules, `rxjs` for RxJS. What a unit does not list, it may not import.
 */
const arrows = {
  'core/model': [],
  'core/time': ['core/model'],
  'core/kernels': ['core/model'],
  'core/delivery': ['core/model', 'core/time'],
  'core/driver': ['core/model', 'core/time'],
  'core/rx': ['core/model', 'core/time', 'core/kernels', 'core/delivery', 'rxjs'],
  'core/operators': ['core/model', 'core/kernels', 'core/rx', 'rxjs'],
  'core/rows': ['core/model', 'core/time', 'core/driver', 'core/rx', 'rxjs'],
  'core/pipeline': ['core/model', 'core/time', 'core/kernels', 'core/delivery', 'core/rx', 'rxjs'],
  'core/node': ['core/model', 'core/time', 'node'],
  'core/testing': ['core/model', 'core/time', 'core/kernels', 'core/rx', 'rxjs', 'fast-check', 'node'],
  'core/index': [
    'core/model',
    'core/time',
    'core/kernels',
    'core/delivery',
    'core/rx',
    'core/operators',
    'core/rows',
    'core/pipeline',
    'rxjs'
  ],
  // decompositions in fits, model files, the types that both runtimes share
  detectors: ['@messwerk/core/model', 'ml-matrix', 'fflate', 'onnxruntime-common'],
  'gsv-driver': ['@messwerk/core', 'node'],
  transports: ['@messwerk/core', 'node'],
  storage: ['@messwerk/core', 'node'],
  // a program on top of the others
  backtest: ['@messwerk/core', '@messwerk/detectors', '@messwerk/storage', 'rxjs', 'node']
}

/** What is loaded when it is first needed, by `import()` only: the rest of the unit runs where this cannot. */
const lazily = {
  'core/pipeline': ['core/node'],
  detectors: ['node', 'onnxruntime-node', 'onnxruntime-web']
}

/** `arrows`: imports between packages and between the folders of the core follow the table above. */
const arrowsRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { forbidden: '{{from}} must not import {{to}} ({{specifier}}): see scripts/eslint-rules.js' }
  },
  create(context) {
    const file = context.filename.replaceAll('\\', '/')
    const from = unitOf(file)
    const isTest = /\.test\.ts$|\/fixtures\//.test(file)
    if (!from) return {}
    const check = (node) => {
      if (!node?.source || typeof node.source.value !== 'string') return
      const specifier = node.source.value
      const to = targetOf(specifier, file)
      if (isAllowed(from, to, isTest)) return
      if (node.type === 'ImportExpression' && lazily[from]?.includes(to)) return
      context.report({ node: node.source, messageId: 'forbidden', data: { from, to, specifier } })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check
    }
  }
}

/** The package or core folder that a file belongs to, or undefined outside of the packages. */
function unitOf(file) {
  const [, name, first, rest] = /(?:^|\/)packages\/([^/]+)\/src\/([^/]+)(\/.*)?$/.exec(file) ?? []
  if (name !== 'core') return name
  return rest ? `core/${first}` : 'core/index'
}

function targetOf(specifier, file) {
  if (specifier.startsWith('node:')) return 'node'
  if (specifier.startsWith('.')) return unitOf(new URL(specifier, `file://${file}`).pathname) ?? specifier
  const name = Object.keys(externals).find((known) => specifier === known || specifier.startsWith(`${known}/`))
  return name ? externals[name] : specifier
}

function isAllowed(from, to, isTest) {
  const sameHouse = from.split('/')[0] === to.split('/')[0]
  if (to === from || (isTest && (sameHouse || to.startsWith('@messwerk/core')))) return true
  if (to.startsWith('@messwerk/'))
    return arrows[from]?.some((base) => to === base || to.startsWith(`${base}/`)) ?? false
  if (to in arrows) return arrows[from]?.includes(to) ?? false
  if (isTest) return true
  if (to === 'node' || to in externals) return arrows[from]?.includes(to) ?? false
  return !['core', 'detectors'].includes(from.split('/')[0])
}

/** `disable-with-reason`: `eslint-disable-next-line rule -- why`; without the why it is an error. */
const disableWithReasonRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { reason: 'say why: // eslint-disable-next-line <rule> -- <reason>' }
  },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value))
            context.report({ loc: comment.loc, messageId: 'reason' })
        }
      }
    }
  }
}

export const houseRules = { rules: { arrows: arrowsRule, 'disable-with-reason': disableWithReasonRule } }

/** Selectors for `no-restricted-syntax`. */
export const noObjectSpread = {
  selector: 'ObjectExpression > SpreadElement',
  message:
    'No object spread where data flows (measured: ten times slower than a literal). In option handling: disable with the reason.'
}
export const noUnstablePower = {
  selector: String.raw`BinaryExpression[operator="**"]:not([right.raw="2"]):not([right.raw=/^\d+n$/]), AssignmentExpression[operator="**="]:not([right.raw="2"]), CallExpression[callee.object.name="Math"][callee.property.name="pow"]:not([arguments.1.raw="2"])`,
  message: 'Powers other than x ** 2 differ in their last bits between V8 versions: multiply, or use exp and log.'
}
