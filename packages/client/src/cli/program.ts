import { Command, InvalidArgumentError } from "commander";
import open from "open";
import { signInByName } from "../sign-in.ts";
import { convertFiles, uploadFiles } from "./convert.ts";
import type { Environment } from "./environment.ts";
import { UsageError } from "./failures.ts";
import { cancelJob, downloadJob, type JobWork, listJobs, showJob } from "./jobs.ts";
import { login } from "./login.ts";
import { checkInput } from "./paths.ts";
import { showPresets } from "./presets.ts";
import type { Report } from "./report.ts";
import { conversionOf } from "./request.ts";
import { isLocal } from "./service.ts";
import { type Globals, type Opening, openService, openSession } from "./session.ts";
import { saveTokens } from "./sign-ins.ts";

export type Surroundings = {
  environment: Environment;
  signal: AbortSignal;
  /** Made once the global options are known. */
  report: () => Report;
  /** How the command ends; a command that throws ends by what it threw. */
  exit: (code: number) => void;
};

const help = `
Without --url the stack of this checkout is used; where none runs, it is started and ends with the command.

Environment:
  T2M_URL, T2M_TOKEN   stand in for --url and --token

Exit codes:
  0    done
  1    a job failed, or a request was refused
  2    the command line is wrong: a file, a preset, an option, an id
  3    not signed in
  4    the service cannot be reached or does not answer
  130  interrupted`;

type ConvertFlags = { to: string; option: string[]; output?: string; force?: boolean };
type UploadFlags = { to?: string; option: string[] };

/** The `t2m` command. */
export function createProgram(surroundings: Surroundings): Command {
  const { environment, signal, report, exit } = surroundings;
  const program = new Command("t2m")
    .description("Converts audio and video by a t2m service, or by one on this machine.")
    .option("--url <address>", "the service's address")
    .option("--token <token>", "a bearer token to use instead of a sign-in")
    .option("--json", "results as JSON on standard output, a line each, and nothing else there")
    .option("--quiet", "results and failures only")
    .addHelpText("after", help)
    .exitOverride();
  const opening = () => ({ globals: program.opts<Globals>(), environment, signal, note: report().note });
  const withSession: WithSession = async (use) => {
    const session = await openSession(opening());
    try {
      exit((await use({ session, report: report(), signal })) ?? 0);
    } finally {
      await session.close();
    }
  };
  addFileCommands(program, withSession);
  addJobCommands(program, withSession);
  program
    .command("presets [preset]")
    .description("List what files can be converted to, or the options of one preset.")
    .action((preset: string | undefined) => showPresets(report(), preset));
  program
    .command("login")
    .description("Sign in to a service by its own sign-in page.")
    .action(() => signIn(opening(), exit, report()));
  return program;
}

/** Opens a session for as long as `use` takes; what it answers is the exit code, 0 where it answers nothing. */
type WithSession = (use: (work: JobWork) => Promise<number> | Promise<void>) => Promise<void>;

function addFileCommands(program: Command, withSession: WithSession): void {
  program
    .command("convert <files...>")
    .description("Upload files, convert them and write the results beside them.")
    .requiredOption("--to <preset>", "a preset (t2m presets) or a file extension, such as mp3")
    .option("--option <name=value>", "an option of the preset; may be repeated", collect, [])
    .option("-o, --output <path>", "where results go: a folder, or the file itself where there is one result")
    .option("--force", 'replace an existing result; without it " (1)" is added to the name')
    .action(async (files: string[], { to, option, output, force = false }: ConvertFlags) => {
      const conversion = conversionOf(to, option);
      for (const file of files) await checkInput(file);
      await withSession((work) => convertFiles({ ...work, files }, { conversion, output, force }));
    });

  program
    .command("upload <files...>")
    .description("Upload files and leave their conversion to the service.")
    .option("--to <preset>", "begin this conversion once the file is there")
    .option("--option <name=value>", "an option of the preset; may be repeated", collect, [])
    .action(async (files: string[], { to, option }: UploadFlags) => {
      if (to === undefined && option.length > 0) throw new UsageError("--option belongs to a --to");
      const conversions = to === undefined ? [] : [conversionOf(to, option)];
      for (const file of files) await checkInput(file);
      await withSession((work) => uploadFiles({ ...work, files }, conversions));
    });
}

function addJobCommands(program: Command, withSession: WithSession): void {
  program
    .command("jobs")
    .description("List your jobs, newest first.")
    .option("--limit <count>", "at most so many", wholeNumber, 20)
    .action(({ limit }: { limit: number }) => withSession((work) => listJobs(work, limit)));

  program
    .command("job <id>")
    .description("Show a job.")
    .option("--wait", "follow it to its end first")
    .action((id: string, { wait = false }: { wait?: boolean }) =>
      withSession((work) => showJob(work, id, wait)),
    );

  program
    .command("cancel <id>")
    .description("Cancel a job.")
    .action((id: string) => withSession((work) => cancelJob(work, id)));

  program
    .command("download <id>")
    .description("Download a job's outputs, once it has ended.")
    .option("-o, --output <path>", "a folder, or the file itself")
    .option("--force", "replace an existing file")
    .action((id: string, { output, force = false }: { output?: string; force?: boolean }) =>
      withSession((work) => downloadJob(work, id, { output, force })),
    );
}

async function signIn(opening: Opening, exit: Surroundings["exit"], report: Report): Promise<void> {
  const { environment, signal, note } = opening;
  const { service, close } = await openService(opening);
  try {
    const byName = isLocal(service.origin) ? await signInByName(service, environment.userName) : undefined;
    const show = async (url: string) => {
      note(`Sign in here: ${url}`);
      // Where no browser can be opened, the address above is enough.
      await open(url).catch(() => undefined);
    };
    const tokens = byName ?? (await login(service, { show, signal }));
    await saveTokens(environment.stateDirectory, service, tokens);
    report.result({ origin: service.origin, signedIn: true }, `Signed in to ${service.origin}`);
    exit(0);
  } finally {
    await close();
  }
}

const collect = (value: string, before: string[]) => [...before, value];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}
