/** What the product must meet: C the audio converter, V the video platform, A the ad agency. */
export const criteria: readonly { id: string; promise: string }[] = [
  { id: "C1.1", promise: "upload progress is kept in DynamoDB" },
  { id: "C1.2", promise: "progress answers in under a second" },
  { id: "C1.3", promise: "a finished upload reads 100 %" },
  { id: "C1.4", promise: "works with no Redis at all" },
  { id: "C1.5", promise: "simultaneous users never see each other's progress" },
  { id: "C2.1", promise: "a conversion starts with a job record" },
  { id: "C2.2", promise: "ffmpeg's own progress moves the percentage" },
  { id: "C2.3", promise: "done is `completed`, 100 %" },
  { id: "C2.4", promise: "a failure is `failed` with the reason" },
  { id: "C2.5", promise: "polling answers within 500 ms" },
  { id: "C3.1", promise: "files go straight to S3 with metadata" },
  { id: "C3.2", promise: "conversion reads from and writes to S3" },
  { id: "C3.3", promise: "downloads are S3 URLs that expire" },
  { id: "C3.4", promise: "unneeded objects go away by themselves" },
  { id: "C3.5", promise: "download URLs are secure" },
  { id: "C4.1", promise: "when the application starts, nothing connects to Redis" },
  { id: "C4.2", promise: "only S3 and DynamoDB clients are set up on the live plane" },
  { id: "C4.3", promise: "progress is tracked in DynamoDB alone" },
  { id: "C4.4", promise: "cleanup touches DynamoDB and S3 only" },
  { id: "C4.5", promise: "no test double of Redis is left" },
  { id: "C5.1", promise: "progress by chunk" },
  { id: "C5.2", promise: "each chunk updates count and percentage" },
  { id: "C5.3", promise: "polling returns the chunks" },
  { id: "C5.4", promise: "an interrupted upload keeps its state" },
  { id: "C5.5", promise: "resume continues from the last finished chunk" },
  { id: "C6.1", promise: "jobs carry a TTL" },
  { id: "C6.2", promise: "expired jobs are deleted" },
  { id: "C6.3", promise: "their S3 files go with them" },
  { id: "C6.4", promise: "the count of cleaned resources is logged" },
  { id: "C6.5", promise: "a partial failure doesn't stop the rest" },
  { id: "C7.1", promise: "local uses local S3 and DynamoDB" },
  { id: "C7.2", promise: "production uses AWS" },
  { id: "C7.3", promise: "endpoints are detected" },
  { id: "C7.4", promise: "missing variables give clear errors" },
  { id: "C7.5", promise: "unavailable services fail gracefully" },
  { id: "C8.1", promise: "tests cover progress tracking, on real DynamoDB" },
  { id: "C8.2", promise: "tests cover file uploads, on a real S3 server" },
  { id: "C8.3", promise: "tests cover the conversion from end to end" },
  { id: "C8.4", promise: "tests cover cleanup and TTL" },
  { id: "C8.5", promise: "tests cover DynamoDB and S3 failing" },
  {
    id: "C9.1",
    promise:
      "when each task is completed, the system must be tested against live AWS S3 and DynamoDB services",
  },
  {
    id: "C9.2",
    promise: "when progress tracking is implemented, it must be validated with real DynamoDB operations",
  },
  { id: "C9.3", promise: "when file upload changes are made, they must be tested with actual S3 uploads" },
  { id: "C9.4", promise: "when audio conversion is modified, it must be verified with real AWS resources" },
  {
    id: "C9.5",
    promise:
      "when cleanup functionality is updated, it must be tested against live AWS services to ensure proper resource management",
  },
  {
    id: "C10.1",
    promise:
      "when upload progress tracking is updated, the frontend must display real-time progress from DynamoDB",
  },
  {
    id: "C10.2",
    promise: "when audio conversion progress is modified, the UI must show live conversion status updates",
  },
  {
    id: "C10.3",
    promise: "when API endpoints are changed, the frontend must continue to function without errors",
  },
  {
    id: "C10.4",
    promise: "when Redis dependencies are removed, the web interface must load and operate normally",
  },
  {
    id: "C10.5",
    promise:
      "when each task is completed, all related UI features must be fully functional and testable through the browser",
  },
  { id: "V1.1", promise: "stored videos are versioned" },
  { id: "V1.2", promise: "code files are laid out by user and job" },
  { id: "V1.3", promise: "presigned access" },
  { id: "V1.4", promise: "lifecycle policies hold storage cost" },
  { id: "V1.5", promise: "a failed upload is retried with backoff and logged" },
  { id: "V2.1", promise: "RDS with connection pooling" },
  { id: "V2.2", promise: "ACID writes" },
  { id: "V2.3", promise: "job status changes are transactional" },
  { id: "V2.4", promise: "indexed reads" },
  { id: "V2.5", promise: "retry and circuit breaker on database failure" },
  { id: "V3.1", promise: "least-privilege S3" },
  { id: "V3.2", promise: "database by IAM" },
  { id: "V3.3", promise: "CloudTrail logs API calls" },
  { id: "V3.4", promise: "encryption at rest and in transit" },
  { id: "V3.5", promise: "denied access is logged" },
  { id: "V4.1", promise: "FileService on S3" },
  { id: "V4.2", promise: "VideoService stores outputs with metadata" },
  { id: "V4.3", promise: "JobService on RDS" },
  { id: "V4.4", promise: "UserService on RDS" },
  { id: "V4.5", promise: "graceful degradation" },
  { id: "V5.1", promise: "every environment has its own buckets and database" },
  { id: "V5.2", promise: "environment carries all connection parameters" },
  { id: "V5.3", promise: "start-up validates connectivity" },
  { id: "V5.4", promise: "CloudWatch metrics and logs from everything" },
  { id: "V5.5", promise: "invalid configuration fails fast" },
  { id: "V6.1", promise: "existing files move to S3 with metadata" },
  { id: "V6.2", promise: "Redis data becomes rows" },
  { id: "V6.3", promise: "consistency while migrating" },
  { id: "V6.4", promise: "validation confirms the transfer" },
  { id: "V6.5", promise: "failure rolls back" },
  { id: "V7.1", promise: "automated backups, point-in-time" },
  { id: "V7.2", promise: "cross-region replication of critical data" },
  { id: "V7.3", promise: "backups are tested regularly" },
  { id: "V7.4", promise: "documented recovery" },
  { id: "V7.5", promise: "several recovery points" },
  {
    id: "VD.1",
    promise: "four buckets named `{stage}-t2m-{videos,code,thumbnails,temp}-{region}-{account}`",
  },
  { id: "VD.2", promise: "tables users, jobs, file metadata, job queue as designed" },
  { id: "VD.3", promise: "batches, priorities, queue position, retention" },
  { id: "VD.4", promise: "sessions, activity log, permissions, per-user statistics" },
  { id: "VD.5", promise: "thumbnails and secure streaming" },
  { id: "VD.6", promise: "generated code files per scene, rendered video per scene" },
  {
    id: "A1.1",
    promise: "the Infrastructure must be defined using infrastructure-as-code tools (Terraform or AWS CDK)",
  },
  {
    id: "A1.2",
    promise: "when infrastructure code is applied, the Infrastructure must create all required AWS resources",
  },
  {
    id: "A1.3",
    promise:
      "the Infrastructure must include VPC with public and private subnets across multiple availability zones",
  },
  {
    id: "A1.4",
    promise: "the Infrastructure must include security groups with least-privilege access rules",
  },
  { id: "A1.5", promise: "the Infrastructure must support both development and production environments" },
  { id: "A2.1", promise: "the Backend Service must be containerized using Docker" },
  {
    id: "A2.2",
    promise:
      "when the Backend Service is deployed, the Infrastructure must run it on AWS compute resources (ECS, EKS, or Lambda)",
  },
  {
    id: "A2.3",
    promise: "the Backend Service must support Server-Sent Events (SSE) for real-time streaming",
  },
  {
    id: "A2.4",
    promise: "when multiple instances are running, the Load Balancer must distribute requests across them",
  },
  { id: "A2.5", promise: "the Backend Service must have access to Secrets Manager for API keys" },
  { id: "A2.6", promise: "the Backend Service must scale automatically based on request load" },
  { id: "A3.1", promise: "the Frontend Service must be built as a static site or containerized application" },
  {
    id: "A3.2",
    promise:
      "when the Frontend Service is deployed, the Infrastructure must serve it through a CDN or compute service",
  },
  { id: "A3.3", promise: "the Frontend Service must communicate with the Backend Service through HTTPS" },
  { id: "A3.4", promise: "the Frontend Service must be accessible via a custom domain name" },
  {
    id: "A3.5",
    promise: "the Frontend Service must support environment-specific configuration (API endpoints)",
  },
  { id: "A4.1", promise: "the Database must store project metadata, user data, and application state" },
  {
    id: "A4.2",
    promise: "the Content Storage must store generated videos, storyboards, and production documents",
  },
  {
    id: "A4.3",
    promise: "when content is uploaded, the Content Storage must persist it with high durability",
  },
  { id: "A4.4", promise: "the Database must support automated backups with point-in-time recovery" },
  {
    id: "A4.5",
    promise: "the Content Storage must be accessible to the Backend Service with appropriate permissions",
  },
  { id: "A4.6", promise: "the Database must scale to handle increasing data volumes" },
  {
    id: "A5.1",
    promise: "the Secrets Manager must store all API keys (Gemini API, etc.) and sensitive configuration",
  },
  {
    id: "A5.2",
    promise:
      "when the Backend Service starts, the Secrets Manager must provide secrets through secure injection",
  },
  { id: "A5.3", promise: "the Secrets Manager must support secret rotation without application downtime" },
  { id: "A5.4", promise: "the Secrets Manager must restrict access using IAM policies" },
  {
    id: "A5.5",
    promise: "the Infrastructure does not include secrets in environment variables or configuration files",
  },
  {
    id: "A6.1",
    promise:
      "when code is pushed to the main branch, the Deployment Pipeline must automatically build and test the application",
  },
  {
    id: "A6.2",
    promise: "the Deployment Pipeline must build Docker images and push them to Container Registry",
  },
  {
    id: "A6.3",
    promise: "when tests pass, the Deployment Pipeline must deploy to the development environment",
  },
  {
    id: "A6.4",
    promise: "the Deployment Pipeline must require manual approval before deploying to production",
  },
  {
    id: "A6.5",
    promise: "when deployment fails, the Deployment Pipeline must rollback to the previous version",
  },
  {
    id: "A6.6",
    promise: "the Deployment Pipeline must run backend tests including unit and integration tests",
  },
  {
    id: "A7.1",
    promise:
      "the Monitoring System must collect logs from all Backend Service and Frontend Service instances",
  },
  {
    id: "A7.2",
    promise:
      "the Monitoring System must track metrics including request latency, error rates, and resource utilization",
  },
  {
    id: "A7.3",
    promise: "when error rates exceed thresholds, the Monitoring System must send alerts to operations team",
  },
  { id: "A7.4", promise: "the Monitoring System must provide dashboards for visualizing application health" },
  { id: "A7.5", promise: "the Monitoring System must retain logs for at least 30 days" },
  { id: "A7.6", promise: "the Monitoring System must track costs and resource usage by service" },
  { id: "A8.1", promise: "the Infrastructure must encrypt data at rest using AWS KMS" },
  { id: "A8.2", promise: "the Infrastructure must encrypt data in transit using TLS/HTTPS" },
  { id: "A8.3", promise: "the Infrastructure must use IAM roles with least-privilege permissions" },
  { id: "A8.4", promise: "the Infrastructure must enable AWS CloudTrail for audit logging" },
  { id: "A8.5", promise: "the Infrastructure must restrict network access using security groups and NACLs" },
  { id: "A8.6", promise: "the Backend Service must validate and sanitize all user inputs" },
  {
    id: "A9.1",
    promise:
      "when request volume increases, the Infrastructure must automatically scale Backend Service instances",
  },
  {
    id: "A9.2",
    promise:
      "the Infrastructure must support horizontal scaling for both Backend Service and Frontend Service",
  },
  {
    id: "A9.3",
    promise:
      "the Content Storage must handle concurrent uploads and downloads without performance degradation",
  },
  { id: "A9.4", promise: "the Database must support read replicas for improved query performance" },
  {
    id: "A9.5",
    promise: "the Load Balancer must perform health checks and route traffic only to healthy instances",
  },
  {
    id: "A10.1",
    promise: "the Infrastructure must use appropriate instance types and sizes for workload requirements",
  },
  {
    id: "A10.2",
    promise:
      "the Infrastructure must leverage AWS cost optimization features (Savings Plans, Reserved Instances)",
  },
  {
    id: "A10.3",
    promise: "the Content Storage must implement lifecycle policies to archive or delete old content",
  },
  { id: "A10.4", promise: "the Monitoring System must track and report infrastructure costs by service" },
  { id: "A10.5", promise: "the Infrastructure must automatically scale down during low-usage periods" },
  { id: "A11.1", promise: "the Database must perform automated backups daily" },
  { id: "A11.2", promise: "the Infrastructure must support deployment across multiple availability zones" },
  { id: "A11.3", promise: "when a service instance fails, the Infrastructure must automatically replace it" },
  { id: "A11.4", promise: "the Infrastructure must maintain documentation for disaster recovery procedures" },
  {
    id: "A11.5",
    promise: "the Infrastructure must support restoration from backups within defined RTO/RPO targets",
  },
  {
    id: "AG.1",
    promise:
      "brief → storyboard → production documents → film, by a LangGraph workflow with Gemini, progress streamed",
  },
];
