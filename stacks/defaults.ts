import type { StageConfig } from "./config.ts";
import { writeLogs, writeTraces } from "./lib/can.ts";
import type { Security } from "./security.ts";

/**
 * What holds for every function, whichever component creates it. Comes before any of them.
 *
 * SST's links grant all actions of a service and carry secrets in the bundle, so that here a link only tells
 * names; what a function may do is said by grants alone, in one inline policy.
 */
export function createDefaults(cfg: StageConfig, { security }: { security: Security }) {
  sst.Linkable.wrap(sst.aws.Bucket, ({ name }) => ({ properties: { name } }));
  sst.Linkable.wrap(sst.aws.Dynamo, ({ name }) => ({ properties: { name } }));
  sst.Linkable.wrap(sst.aws.Queue, ({ url }) => ({ properties: { url } }));
  sst.Linkable.wrap(sst.aws.Function, ({ name }) => ({ properties: { name } }));

  $transform(sst.aws.Function, (args, _options, name) => {
    args.name ??= `${cfg.stage}-t2m-${name.toLowerCase()}`;
    args.logging ??= { format: "json", retention: cfg.logRetention };
    const own = [writeLogs($interpolate`/aws/lambda/${args.name}`), writeTraces()];
    args.permissions = $output(args.permissions ?? []).apply((permissions) => [...permissions, ...own]);
    args.transform = {
      ...args.transform,
      role: (role) => {
        role.managedPolicyArns = [];
        // SST lets the whole account take the role on, as `sst dev` needs it.
        role.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
        return undefined;
      },
      function: (fn) => {
        fn.tracingConfig = { mode: "Active" };
        // Without the key that SST adds to open bundled links: we bundle none.
        fn.environment = { variables: args.environment ?? {} };
        fn.kmsKeyArn = security.keys.data.arn;
        return undefined;
      },
    };
  });
  onlyOwnBuckets();
  encryptLogs(cfg, security);
}

/** Groups of the stage's region: a key is of one region, and elsewhere CloudWatch's own does. */
function encryptLogs(cfg: StageConfig, security: Security) {
  $transform(aws.cloudwatch.LogGroup, (args) => {
    if (!args || (args.region && args.region !== cfg.region)) return;
    args.kmsKeyId = security.keys.logs.arn;
    args.retentionInDays ??= cfg.logRetentionDays;
  });
}

/** A bucket's name alone does not say whose it is: once deleted, anybody may take it. */
function onlyOwnBuckets() {
  const { accountId } = aws.getCallerIdentityOutput({});
  $transform(aws.lambda.Permission, (args) => {
    if (args.principal === "s3.amazonaws.com") args.sourceAccount = accountId;
  });
}
