// Which way imports run (ARCHITECTURE.md draws it). Each rule says why it exists.
const pure = '^src/(core|kernels|cache|engine|strategies|workloads|stepper|measure)/';
/** A folder may import only itself and what is listed. */
const only = (folder, allowed, comment) => ({
  name: `${folder}-imports`,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|shaders|bench|test)/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
});
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means two files are one, or that one thing sits in the wrong place.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('core', [], 'The ground floor: everything may stand on it, so it stands on nothing.'),
    only('cache', ['core'], 'Page bookkeeping is pure, so that property tests run it in Node.'),
    only('kernels', ['core'], 'Contracts and the catalogue are data; running them is for src/gpu.'),
    only('measure', ['core', 'kernels'], 'Statistics, schema and verdicts are pure; clocks live in src/gpu.'),
    only('stepper', ['core', 'kernels'], 'The lockstep machine is pure and runs where no GPU is.'),
    only('strategies', ['core', 'cache', 'engine'], 'A strategy answers one question from a view.'),
    only('workloads', ['core', 'engine'], 'A workload makes arrivals and nothing else.'),
    only('engine', ['core', 'cache'], 'The engine is driven by executors; it knows no GPU and no page.'),
    only('gpu', ['core', 'kernels', 'measure'], 'The only room that touches GPUDevice.'),
    only('model', ['core', 'gpu', 'kernels', 'cache'], 'One step of a transformer over a flat batch.'),
    only(
      'views',
      ['core', 'kernels', 'measure', 'engine', 'stepper', 'cache'],
      'Views are pure in (data, t): they never see the GPU or a page.',
    ),
    {
      name: 'app-through-worker',
      comment:
        'The page sees the GPU only through the worker client, so it never blocks on it. The one exception is ' +
        'src/worker/offload/run.ts, which drives the GPU from the page on purpose, to measure what that costs; the ' +
        'card that shows it loads it when it is asked for. The shapes of models, and which dropped files are one, are data ' +
        'that the page may read.',
      severity: 'error',
      from: { path: '^src/app/' },
      to: {
        path: '^(src/gpu/|src/model/(?!(built-in|presets|config|formats|model-folder|numerics|probe-report|sizes)\\.ts)|bench/|test/|src/worker/(?!(step-)?(client|protocol)|[a-z]+/protocol|offload/run))',
      },
    },
    {
      name: 'strategies-stand-alone',
      comment: 'Strategies share blocks (src/strategies/blocks), never each other.',
      severity: 'error',
      from: { path: '^src/strategies/[^/]+\\.ts$', pathNot: 'src/strategies/(index|contract)\\.ts$' },
      to: { path: '^src/strategies/[^/]+\\.ts$', pathNot: 'src/strategies/contract\\.ts$' },
    },
    {
      name: 'nothing-imports-bench-or-test',
      comment: 'The product never carries its bench or its tests.',
      severity: 'error',
      from: { path: '^(src|shaders)/' },
      to: { path: '^(bench|test)/' },
    },
    {
      name: 'pure-has-no-gpu',
      comment: 'cache, engine, strategies, workloads, contracts and stepper run in Node in milliseconds.',
      severity: 'error',
      from: { path: pure },
      to: { path: '^src/(gpu|model|worker|views|app)/' },
    },
    {
      name: 'ops-are-data',
      comment: 'shaders/*/op.ts imports op types and core only.',
      severity: 'error',
      from: { path: '^shaders/' },
      to: { path: '^(src|shaders|bench|test)/', pathNot: '^(src/(kernels|core)/|shaders/[^/]+/[^/]+\\.ts$)' },
    },
    {
      name: 'peers-stay-out',
      comment: 'Peers are compared against in bench/ and never shipped.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/(onnxruntime|@tensorflow|@jax-js|wgsl_reflect)' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'node_modules/(?!onnxruntime|@tensorflow|@jax-js|wgsl_reflect)' },
  },
};
