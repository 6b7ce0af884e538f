/** The stages that tests look at, and what their `.env.<stage>` would say. */
export const stages = {
  dev: { T2M_ISSUER: "https://issuer.example.org", T2M_AUDIENCE: "t2m", AWS_REGION: "us-east-1" },
  staging: {
    T2M_ISSUER: "https://issuer.example.org",
    T2M_AUDIENCE: "t2m-staging",
    AWS_REGION: "eu-west-1",
    T2M_ALERT_EMAIL: "staging@example.org",
    T2M_DATABASE_PROXY: "on",
    T2M_FIREWALL: "on",
  },
  production: {
    T2M_ISSUER: "https://people.example.org",
    T2M_AUDIENCE: "t2m-production",
    AWS_REGION: "eu-central-1",
    T2M_REPLICA_REGION: "eu-north-1",
    T2M_WEB_ORIGINS: "https://www.example.org",
    T2M_ALERT_EMAIL: "operations@example.org",
    T2M_CLIENT_ID: "t2m-page",
    T2M_DOMAIN: "t2m.example.org",
    T2M_DOMAIN_ZONE: "Z0123456789ABCDEFGHIJ",
    T2M_NAT: "on",
    T2M_RETENTION_SECONDS: "259200",
    T2M_MAXIMUM_UPLOAD_BYTES: "1000000000",
    T2M_MAXIMUM_MEDIA_SECONDS: "7200",
    T2M_LEASE_SECONDS: "30",
  },
} as const;
