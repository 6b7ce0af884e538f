import { AlreadyRunning } from "../processes/run.ts";
import { type Stack, type StackOptions, startStack } from "../stack.ts";
import { onRunnerGone } from "./ancestors.ts";
import { columns, paint, printError, printLog } from "./print.ts";

/**
 * Runs the whole system until Ctrl-C, SIGTERM or the end of the pnpm that started it, and ends the process then.
 * Prints the addresses, and what the functions log.
 */
export async function runDev(options: Omit<StackOptions, "mode" | "log">): Promise<void> {
  let stack: Stack | undefined;
  let isStopping = false;
  const stop = async () => {
    // While starting, or the second Ctrl-C of somebody in a hurry. Children end with us.
    if (isStopping || !stack) process.exit(130);
    isStopping = true;
    await stack.stop().catch(printError);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  onRunnerGone(() => void stop());

  console.log(paint("dim", "Starting …"));
  try {
    stack = await startStack({ ...options, mode: "dev", log: printLog });
  } catch (error) {
    if (error instanceof AlreadyRunning) {
      console.log(error.message);
      process.exit(0);
    }
    printError(error);
    process.exit(1);
  }
  printAddresses(stack);
}

function printAddresses({ url, apiUrl, readyMs, reaped }: Stack): void {
  const seconds = (readyMs / 1000).toFixed(1);
  console.log(`\n${paint(["bold", "green"], "t2m is ready")} ${paint("dim", `in ${seconds} s`)}\n`);
  console.log(
    columns([
      ["Page", paint("bold", url)],
      ["API", apiUrl],
      ["Reference", `${url}/docs`],
    ]),
  );
  if (reaped.length > 0) {
    console.log(paint("dim", `\n  Ended what a killed run had left: ${reaped.join(", ")}`));
  }
  console.log(paint("dim", "\n  Ctrl-C stops everything.\n"));
}
