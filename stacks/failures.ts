import type { StageConfig } from "./config.ts";

/** Where an event goes that no retry could save. A message holds the event and the error, for two weeks. */
export function createFailures(cfg: StageConfig) {
  return new sst.aws.Queue("Failures", {
    transform: {
      queue: {
        name: `${cfg.stage}-t2m-failures`,
        messageRetentionSeconds: 14 * 24 * 3600,
        sqsManagedSseEnabled: true,
      },
    },
  });
}
