import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/doctor.ts';
import type { Launch } from '../launch.ts';

const HELP = `
Tries what it lists: runtimes are loaded and picture formats are decoded. Exit code 1 where no runtime works.

Examples:
  seg doctor
  seg doctor --json`;

export function addDoctor(program: Command, launch: Launch): void {
  program
    .command('doctor')
    .description('shows what works on this machine, and why the rest does not')
    .option('--json', 'one JSON object on stdout', false)
    .addHelpText('after', HELP)
    .action((options: DoctorOptions) =>
      launch(async (context) => (await import('../doctor/doctor.ts')).doctor(options, context)),
    );
}
