// `npm run demo`: the quickstart. `npm run demo -- --kill`: the same messages for two programs that are killed.
if (process.argv.includes('--kill')) await import('./kill/kill-demo.ts')
else await import('./quickstart.ts')

export {} // a module, so that it may wait
