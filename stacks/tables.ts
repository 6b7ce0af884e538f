import type { StageConfig } from "./config.ts";
import type { Functions } from "./functions.ts";
import { componentName } from "./lib/names.ts";
import { manifestOf } from "./manifest.ts";
import type { Security } from "./security.ts";

export type Tables = { live: sst.aws.Dynamo };

/** The live table, as `docs/decisions/001-live-table.md` has it. On demand; a backup for every second. */
export function createTables(cfg: StageConfig, { security }: { security: Security }): Tables {
  const live = new sst.aws.Dynamo("Live", {
    fields: { pk: "string", sk: "string", dueShard: "string", dueAt: "number" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: { due: { hashKey: "dueShard", rangeKey: "dueAt", projection: "keys-only" } },
    ttl: "expiresAt",
    stream: "new-and-old-images",
    deletionProtection: cfg.isProduction,
    transform: {
      table: {
        name: `${cfg.stage}-t2m-live`,
        serverSideEncryption: { enabled: true, kmsKeyArn: security.keys.data.arn },
      },
    },
  });
  return { live };
}

/** Functions that follow the live table's stream. A record that fails alone goes to the failures, not its batch. */
export function createConsumers(
  cfg: StageConfig,
  deps: { tables: Tables; functions: Functions; failures: sst.aws.Queue },
) {
  for (const trigger of manifestOf(cfg).streamTriggers) {
    deps.tables.live.subscribe(componentName(trigger.function), deps.functions[trigger.function].arn, {
      filters: filtersOf(trigger),
      transform: {
        eventSourceMapping: {
          batchSize: trigger.batchSize,
          maximumRetryAttempts: trigger.retries,
          bisectBatchOnFunctionError: true,
          functionResponseTypes: ["ReportBatchItemFailures"],
          destinationConfig: { onFailure: { destinationArn: deps.failures.arn } },
        },
      },
    });
  }
}

type StreamTrigger = { events: readonly string[]; entities: readonly string[] };

/** A deleted item is in the old image only, any other in the new. */
function filtersOf({ events, entities }: StreamTrigger) {
  return events.map((event) => {
    const image = event === "REMOVE" ? "OldImage" : "NewImage";
    return { eventName: [event], dynamodb: { [image]: { entity: { S: [...entities] } } } };
  });
}
