/** Where production does otherwise than a control says, and why. Nowhere else. */
export const exceptions: readonly { id: string; resources: RegExp; reason: string }[] = [
  {
    id: "S3.9",
    resources: /^LogsBucket$|Replica$/,
    reason:
      "The log of the logs' own bucket would never end; copies are reached by S3 and by people in an emergency, whom the trail writes down.",
  },
  {
    id: "S3.11",
    resources: /^(Videos|Code|Thumbnails|Logs|Site|Trail)Bucket$|Replica$/,
    reason:
      "Nothing has to happen when an object comes into these; a notification without a reader helps nobody.",
  },
  {
    id: "S3.7",
    resources: /^(Temp|Logs|Site|Trail)Bucket$|Replica$/,
    reason:
      "Work orders are re-issued by the sweep, the page is built again, logs and trail are records of this region, and a copy needs no copy.",
  },
  {
    id: "S3.17",
    resources: /^(Logs|Site)Bucket$/,
    reason: "S3 delivers access logs to buckets with its own key only; the page is public.",
  },
  {
    id: "RDS.5",
    resources: /^DatabaseReplica$/,
    reason: "The replica is itself a second copy; the instance that takes writes is in two zones.",
  },
  {
    id: "RDS.11",
    resources: /^DatabaseReplica$/,
    reason: "Its source is backed up; FSBP leaves read replicas out, too.",
  },
  {
    id: "RDS.18",
    resources: /^DatabaseReplica$/,
    reason: "A replica in its source's region takes its source's subnets; RDS refuses others.",
  },
  {
    id: "RDS.23",
    resources: /^DatabaseReplica$/,
    reason: "It listens where the proxy does, which cannot be moved: functions have one port for both.",
  },
  {
    id: "SecretsManager.1",
    resources: /^GeminiSecret$/,
    reason:
      "Google gives out its keys by hand. A new one is put in without downtime: readers refetch on refusal.",
  },
  {
    id: "SecretsManager.4",
    resources: /^GeminiSecret$/,
    reason: "Google gives out its keys by hand; see SecretsManager.1.",
  },
  {
    id: "own.managed",
    resources: /^BackupRole$/,
    reason: "AWS keeps the four policies of AWS Backup as its services change; written out they go stale.",
  },
  {
    id: "own.log-key",
    resources: /^CdnLog$/,
    reason:
      "CloudFront's logs are handed out in us-east-1, where the stage has no key; CloudWatch's own encrypts them.",
  },
  {
    id: "CloudFront.4",
    resources: /./,
    reason:
      "Origin groups fail over reads of a second origin. The API has one, and its page is of no use without it; S3 and Lambda already span zones.",
  },
];
