import type { StageConfig } from "../config.ts";

/**
 * A budget for the stage, and a look at what is out of the ordinary. Both know a stage by its tag, which Billing has to
 * be told to count by: docs/deploy.md, once an account.
 */
export function createCostWatch(cfg: StageConfig, { alerts }: { alerts: aws.sns.Topic }) {
  const name = `${cfg.stage}-t2m`;
  const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    comparisonOperator: "GREATER_THAN",
    subscriberSnsTopicArns: [alerts.arn],
  });
  new aws.budgets.Budget("Budget", {
    name,
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(cfg.monthlyBudgetUsd),
    limitUnit: "USD",
    // Billing's way to write a tag and its value.
    costFilters: [{ name: "TagKeyValue", values: [`user:stage$${cfg.stage}`] }],
    notifications: [notify("ACTUAL", 80), notify("ACTUAL", 100), notify("FORECASTED", 100)],
  });
  const monitor = new aws.costexplorer.AnomalyMonitor("CostMonitor", {
    name,
    monitorType: "CUSTOM",
    // With all that AWS answers, or each deployment would find it changed.
    monitorSpecification: JSON.stringify({
      ...{ And: null, CostCategories: null, Dimensions: null, Not: null, Or: null },
      Tags: { Key: "stage", MatchOptions: null, Values: [cfg.stage] },
    }),
  });
  new aws.costexplorer.AnomalySubscription("CostAnomalies", {
    name,
    frequency: "IMMEDIATE",
    monitorArnLists: [monitor.arn],
    subscribers: [{ type: "SNS", address: alerts.arn }],
    thresholdExpression: {
      dimension: {
        key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        matchOptions: ["GREATER_THAN_OR_EQUAL"],
        // A tenth of what a month may cost, in one go.
        values: [String(Math.ceil(cfg.monthlyBudgetUsd / 10))],
      },
    },
  });
}
