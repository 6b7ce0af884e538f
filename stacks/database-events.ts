import type { StageConfig } from "./config.ts";
import type { Database } from "./database.ts";

/** What RDS itself has to say: an instance in trouble, or somebody's hand on its settings. */
export function createDatabaseEvents(cfg: StageConfig, deps: { database: Database; topic: aws.sns.Topic }) {
  const { instance, replica } = deps.database;
  const subscribe = (component: string, name: string, more: Partial<aws.rds.EventSubscriptionArgs>) =>
    new aws.rds.EventSubscription(component, {
      name: `${cfg.stage}-t2m-${name}`,
      snsTopic: deps.topic.arn,
      ...more,
    });
  subscribe("InstanceEvents", "instances", {
    sourceType: "db-instance",
    sourceIds: [instance.identifier, ...(replica ? [replica.identifier] : [])],
    eventCategories: ["maintenance", "configuration change", "failure", "failover", "low storage"],
  });
  subscribe("ParameterEvents", "parameters", {
    sourceType: "db-parameter-group",
    sourceIds: [instance.parameterGroupName],
    eventCategories: ["configuration change"],
  });
  subscribe("GroupEvents", "security-groups", {
    sourceType: "db-security-group",
    eventCategories: ["configuration change", "failure"],
  });
}
