import { commandLineOf, identityOf, parentOf } from "../processes/identity.ts";

const everyMs = 500;
const packageRunner = /\b(npx|npm|pnpm|pnpx|corepack|yarn)\b/;

/**
 * Calls back when the pnpm or npx that started us has ended: they hand no SIGTERM down, and a stack without them
 * would run on unseen. The terminal's shell is not watched, so that `nohup` works.
 */
export function onRunnerGone(callBack: () => void): { stop: () => void } {
  const runners: { pid: number; identity: string }[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    const identity = identityOf(pid);
    if (!identity || !packageRunner.test(commandLineOf(pid) ?? "")) break;
    runners.push({ pid, identity });
    pid = parentOf(pid) ?? 0;
  }
  const timer = setInterval(() => {
    if (runners.every(({ pid, identity }) => identityOf(pid) === identity)) return;
    clearInterval(timer);
    callBack();
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
