import type { BrowserContext } from "playwright-core";

export type Watch = {
  /** What the browser complained of and nobody expected. */
  problems: () => string[];
  /** Complaints that belong to what the test does, such as those of a network that it has cut. */
  tolerate: (pattern: RegExp) => void;
  /** Questions that the browser has asked before something was lost; each was answered with yes. */
  dialogs: string[];
};

declare global {
  function t2mViolation(what: string): Promise<void>;
}

/** Listens to everything that a browser complains of in the pages of a context. */
export async function watched(context: BrowserContext): Promise<Watch> {
  const complaints: string[] = [];
  const tolerated: RegExp[] = [];
  const dialogs: string[] = [];
  await context.exposeFunction("t2mViolation", (what: string) => {
    complaints.push(`breach of the Content-Security-Policy: ${what}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      void t2mViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
  context.on("console", (message) => {
    if (message.type() === "error")
      complaints.push(`console: ${message.text()} (${message.location().url.replace(/\?.*/, "")})`);
  });
  context.on("weberror", (error) => complaints.push(`uncaught: ${String(error.error())}`));
  context.on("dialog", (dialog) => {
    dialogs.push(dialog.type());
    void dialog.accept();
  });
  return {
    problems: () => complaints.filter((what) => !tolerated.some((pattern) => pattern.test(what))),
    tolerate: (pattern) => void tolerated.push(pattern),
    dialogs,
  };
}
