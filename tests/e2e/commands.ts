/**
 * The commands that README and docs/ give, each with the small form in which a test runs it; or which part of CI runs it.
 * A page's `npx -y deno@…` stands as `deno`.
 *
 * @module
 */

/** Another file that runs it, and the text there that does. */
export interface Elsewhere {
  readonly in: string;
  readonly as: string;
}

/** Nothing in CI runs it. */
export interface ByHand {
  readonly byHand: string;
}

/** As the page has it. */
const SAME = "";
const GATE: Elsewhere = { in: ".ci/run", as: "task ok" };
const RANKS = "--rate 5000 --latency 1 --bandwidth 20";
const UP_TO = "--ranks 1,16,256,1024,4096,16384,65536";

/** Command → what a shell runs in its place: in a folder with what the page names, or `deno task` in the root. */
export const COMMANDS: Readonly<Record<string, string | Elsewhere | ByHand>> = {
  // README.md
  "laplace": "laplace --help",
  "laplace solve": SAME,
  "laplace solve --help": SAME,
  "laplace refine": "laplace refine coax.toml --to 1e-2",
  "laplace matrix": "laplace matrix coax.toml",
  "laplace line": "laplace line coax.toml --signal inner",
  "laplace backends": SAME,
  "laplace bench": "laplace bench --plugin js --size 65 --samples 1",
  "laplace launch": "laplace launch -n 2 --dry-run -- solve plate.toml",
  "laplace model": `laplace model --size 512 --ranks 1,2 ${RANKS}`,
  "laplace check --plugin ./mine.ts": SAME,
  "laplace solve --plugin ./libmine.so": "laplace solve --plugin ./libmine.so --size 33",
  "laplace launch -n 4 -- solve plate.toml": "laplace launch -n 2 -- solve plate.toml",
  "deno run --config CHECKOUT/deno.json": "deno run -A --config $ROOT/deno.json script.ts",
  "deno task solve": SAME,
  "deno task test": { in: "deno.json", as: "&& deno task test" },
  "deno task wasm": { in: "deno.json", as: "deno task wasm &&" },
  "deno task native": { in: ".ci/run", as: "task native" },
  "deno task compile": { in: "tests/run.ts", as: "tools/compile.ts" },
  "deno task native:ga": { in: ".ci/run", as: "task native:ga" },
  "deno task bench:yardsticks": "deno task bench:yardsticks --small",
  "deno task bench:multigrid": "deno task bench:multigrid --small",
  // CONTRIBUTING.md
  "deno task ok": GATE,
  "deno install": { in: ".ci/run", as: "npx -y deno" },
  "deno fmt": { in: "deno.json", as: "deno fmt --check" },
  "deno test -A tests/core/discretize_test.ts": { in: "tests/run.ts", as: '"test", "-A"' },
  "bun test ./tests/core/discretize_test.ts": { in: "tests/run.ts", as: '...bun, "test"' },
  "deno task test:ranks": { in: "tests/e2e/ranks_test.ts", as: "rank_fields.ts" },
  "deno task test:sanitize": { in: "tests/native/sanitizers_test.ts", as: "LAPLACE_SANITIZE" },
  "deno task test:same-bytes OLD NEW": { byHand: "it compares two builds, in minutes" },
  "deno task test:netns": { in: ".ci/run", as: "LAPLACE_REQUIRE_NETNS=1" },
  "deno task test:slurm": { byHand: "it needs Slurm and its daemons" },
  "deno run -A cli.ts check --plugin <name>": { in: "tests/backends/conformance_test.ts", as: "conformance" },
  "deno task bench:auto --plugin <name>": "deno task bench:auto --plugin js --problem plate --size 17 --small",
  // docs/beside.md
  "deno task bench:beside": "deno task bench:beside --small",
  // docs/cluster.md
  'laplace launch -n "$SLURM_NTASKS" --threads "$SLURM_CPUS_PER_TASK" -- solve plate.toml --method jacobi --set kernel=ffi-omp --tol 1e-4 --out plate.npy --quiet --json':
    "laplace launch -n 2 --threads 1 -- solve plate.toml --method jacobi --set kernel=ffi-omp --tol 1e-4 --out plate.npy --quiet --json",
  "mpirun -n 64 --hostfile hosts --map-by slot:PE=4 --bind-to core -x OMP_NUM_THREADS=4 laplace solve plate.toml --plugin mpi --method jacobi":
    "mpirun.openmpi -n 2 --hostfile hosts.openmpi --map-by slot:PE=1 --bind-to none -x OMP_NUM_THREADS=1 laplace solve plate.toml --plugin mpi --method jacobi",
  "mpiexec -n 64 -f hosts -bind-to core:4 -genv OMP_NUM_THREADS 4 laplace solve plate.toml --plugin mpi --method jacobi":
    "mpiexec.mpich -n 2 -f hosts.mpich -bind-to core:1 -genv OMP_NUM_THREADS 1 laplace solve plate.toml --plugin mpi --method jacobi",
  "laplace launch -n 8 --threads 4 -- solve …": "laplace launch -n 2 --threads 1 -- solve plate.toml",
  "laplace launch -n 8 -- bench --size 8192 --set halo=16":
    "laplace launch -n 2 -- bench --size 65 --set halo=16 --samples 1",
  "srun laplace solve …": "mpirun.openmpi -n 2 laplace solve plate.toml",
  "laplace solve --plugin mpi": "laplace solve --plugin mpi --size 33",
  "laplace solve --plugin ffi-omp": "laplace solve --plugin ffi-omp --size 33",
  "laplace launch -n 2 -- model --size 8192 --ranks 1,2,4,8": "laplace launch -n 2 -- model --size 128 --ranks 1,2",
  "srun -N 2 -n 2 laplace model --size 65536 --ranks 1,64,4096":
    "mpirun.openmpi -n 2 laplace model --size 128 --ranks 1,2",
  [`laplace model --size 65536 --grid slabs ${UP_TO} ${RANKS}`]: SAME,
  [`laplace model --size 65536 --grid blocks ${UP_TO} ${RANKS}`]: SAME,
  [`laplace model --size 65536 --grid blocks ${UP_TO} ${RANKS} --ranks-per-node 64`]: SAME,
  [`laplace model --size 8192 --weak --grid slabs ${UP_TO} ${RANKS}`]: SAME,
  [`laplace model --size 8192 --weak --grid blocks ${UP_TO} ${RANKS}`]: SAME,
  "deno task bench:startup": "deno task bench:startup --small",
  "deno task bench:model": "deno task bench:model --small",
  "deno task bench:halos": "deno task bench:halos --small",
  // docs/examples.md
  "deno task bench:exact --binary dist/laplace": "deno task bench:exact --small",
  "laplace refine FILE --to 1e-6": "laplace refine plate.toml --result energy --to 0.5",
  "deno run -A examples/inpaint/photograph.ts photograph.png damaged.png":
    "deno run -A $ROOT/examples/inpaint/photograph.ts photograph.png damaged.png",
  "deno run -A examples/inpaint/inpaint.ts damaged.png repaired.png":
    "deno run -A $ROOT/examples/inpaint/inpaint.ts damaged.png repaired.png",
  // docs/ga.md
  "laplace launch -n 4 -- solve plate.toml --plugin ga --method jacobi":
    "laplace launch -n 2 -- solve plate.toml --plugin ga --method jacobi",
  "laplace launch -n 2 --threads 2 -- solve plate.toml --plugin ga --set kernel=ffi-omp --set halo=8 --method sor":
    "laplace launch -n 2 --threads 1 -- solve plate.toml --plugin ga --set kernel=ffi-omp --set halo=8 --method sor",
  "mpiexec.hydra -n 4 laplace solve …": "mpiexec.hydra -n 2 laplace solve plate.toml --plugin ga --method jacobi",
  // docs/gpu.md
  "laplace solve plate.toml --plugin opencl": SAME,
  "laplace solve --size 8192 --plugin opencl --method jacobi --set block=8":
    "laplace solve --size 33 --plugin opencl --method jacobi --set block=8",
  "laplace check --plugin opencl": { in: "tests/backends/conformance_test.ts", as: "conformance" },
  "deno task bench:gpu": "deno task bench:gpu --small",
  "deno task bench:answers": "deno task bench:answers --plugin js --small",
  // docs/methods.md, docs/multigrid.md, docs/speed.md
  "deno task bench:methods": "deno task bench:methods --small",
  "deno task bench:auto": "deno task bench:auto --plugin js --problem plate --size 17 --small",
  "deno task bench:factors": "deno task bench:factors --plugin js --size 17 --small",
  "deno task bench:speed": "deno task bench:speed --small",
  "laplace solve --method jacobi --set block=32x576": "laplace solve --size 33 --method jacobi --set block=32x576",
  "laplace bench --stencil weighted": "laplace bench --stencil weighted --plugin js --size 65 --samples 1",
  // docs/mpi.md
  "mpirun.openmpi --host a:16,b:16 -n 32 laplace solve plate.toml --plugin mpi --out u.npy":
    "mpirun.openmpi --host localhost:2 -n 2 laplace solve plate.toml --plugin mpi --out u.npy",
  "mpirun.openmpi … --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 …": {
    in: "tests/e2e/netns_test.ts",
    as: "btl_tcp_if_include",
  },
  "mpirun.mpich -hosts a,b -ppn 16 -n 32 laplace solve plate.toml --plugin mpi --out u.npy":
    "mpirun.mpich -hosts localhost -ppn 2 -n 2 laplace solve plate.toml --plugin mpi --out u.npy",
  "sbatch -n 32 --wrap 'laplace launch -- solve plate.toml --out u.npy'":
    "laplace launch -n 2 -- solve plate.toml --out u.npy",
  "laplace launch -n 4 -- solve problem.toml": "laplace launch -n 2 -- solve plate.toml",
  "deno task bench:mpi": "deno task bench:mpi --small",
  // docs/results.md
  "laplace solve plate.toml --results --point 16,16 --line 0,0:32,32:65 --line-out cut.csv": SAME,
  "laplace refine coax.toml --to 1e-6": "laplace refine coax.toml --to 1e-4",
  "laplace matrix coax.toml --out C.csv": SAME,
  "laplace line coax.toml --signal inner --to 1e-6": "laplace line coax.toml --signal inner --to 1e-4",
  // examples/plugin_c/README.md
  "gcc -O3 -ffp-contract=off -shared -fPIC -I../../native/include plugin.c -o libmine.so":
    "gcc -O3 -ffp-contract=off -shared -fPIC -I$ROOT/native/include plugin.c -o libmine.so",
  "laplace solve --plugin ./libmine.so --size 257": "laplace solve --plugin ./libmine.so --size 17",
  "laplace check --plugin ./libmine.so": SAME,
};
