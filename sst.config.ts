/// <reference path="./.sst/platform/config.d.ts" />

// SST takes no static imports in this file.
export default $config({
  async app(input) {
    const { defaultRegion, isProduction } = await import("./stacks/config.ts");
    const production = isProduction(input.stage);
    return {
      name: "t2m",
      home: "aws",
      removal: production ? "retain" : "remove",
      protect: production,
      // SST installs by caret ranges; this one decides what is deployed.
      providers: {
        aws: {
          version: "7.20.0",
          region: process.env.AWS_REGION || defaultRegion,
          defaultTags: { tags: { application: "t2m", stage: input.stage } },
        },
      },
    };
  },
  async run() {
    const { deploy } = await import("./stacks/index.ts");
    return deploy();
  },
});
