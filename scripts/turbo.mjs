// Runs turbo tasks in every package, printing only what failed. (turbo itself has no setting for its telemetry.)
import { devNode, root, run, turbo } from './workspace.mjs';

process.exitCode = await run(devNode, [...turbo, ...process.argv.slice(2)], { cwd: root });
