import { commandLineOf, identityOf, parentOf } from "../processes/identity.ts";

const everyMs = 500;
const packageRunner = /\b(npx|npm|pnpm|pnpx|corepack|yarn)\b/;
/** What runs a script of package.json between the package manager and us. */
const scriptShell = /^(\S*\/)?(sh|bash|dash|zsh) -c /;

/**
 * Calls back when the pnpm or npx that started us has ended: they hand no SIGTERM down, and a stack without them
 * would run on unseen. The terminal's shell is not watched, so that `nohup` works.
 */
export function onRunnerGone(callBack: () => void): { stop: () => void } {
  const ancestors: { pid: number; identity: string; isRunner: boolean }[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    const [identity, commandLine = ""] = [identityOf(pid), commandLineOf(pid)];
    const isRunner = packageRunner.test(commandLine);
    if (!identity || !(isRunner || scriptShell.test(commandLine))) break;
    ancestors.push({ pid, identity, isRunner });
    pid = parentOf(pid) ?? 0;
  }
  const runners = ancestors.filter(({ isRunner }) => isRunner);
  const timer = setInterval(() => {
    if (runners.every(({ pid, identity }) => identityOf(pid) === identity)) return;
    clearInterval(timer);
    callBack();
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
