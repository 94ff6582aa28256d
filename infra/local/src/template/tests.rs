#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

const SMALL: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  AdminEmail: {Type: String, Default: admin@example.com}
  PublicUrl: {Type: String, Default: ""}
  Reserved: {Type: Number, Default: 0}
Conditions:
  HasUrl: !Not [!Equals [!Ref PublicUrl, ""]]
  HasReserved: !Not [!Equals [!Ref Reserved, 0]]
Globals:
  Function:
    Timeout: 7
    Environment: {Variables: {LOG_LEVEL: info, WHO: globals}}
Resources:
  OnlyWithUrl: {Type: AWS::SQS::Queue, Condition: HasUrl}
  Exports:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead: {Type: AWS::SQS::Queue}
  Landed:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Exports]}}}
      Targets: [{Id: work, Arn: !GetAtt Work.Arn, DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}]
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/worker/
      MemorySize: 256
      ReservedConcurrentExecutions: !If [HasReserved, !Ref Reserved, !Ref AWS::NoValue]
      Environment:
        Variables:
          WHO: !Ref AdminEmail
          TABLE: !Ref Items
          BUCKET: !Ref Exports
          URL: !If [HasUrl, !Ref PublicUrl, !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com"]
      Events:
        Files: {Type: SQS, Properties: {Queue: !GetAtt Work.Arn, BatchSize: 5, FunctionResponseTypes: [ReportBatchItemFailures]}}
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 1
            MaximumRetryAttempts: 5
            FilterCriteria: {Filters: [{Pattern: '{"dynamodb": {"NewImage": {"kind": {"S": ["mail"]}}}}'}]}
            DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}
        Tick: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute), ScheduleExpressionTimezone: Asia/Jakarta}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: x, ProtocolType: HTTP}}
  Call:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Worker.Arn, PayloadFormatVersion: "2.0"}
  AllOfV1:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: "ANY /v1/{proxy+}", Target: !Sub "integrations/${Call}"}
"#;

#[test]
fn a_small_template_is_read_whole() {
    let template = Template::parse(SMALL).unwrap();
    assert_eq!(template.buckets[0].name, "exports");
    assert!(template.buckets[0].event_bridge);
    assert_eq!(
        template.tables[0].create["StreamSpecification"]["StreamEnabled"],
        true
    );
    assert_eq!(template.tables[0].ttl_attribute.as_deref(), Some("expires_at"));
    let mut queues: Vec<&str> = template.queues.iter().map(|queue| queue.name.as_str()).collect();
    queues.sort_unstable();
    assert_eq!(
        queues,
        ["Dead", "Work"],
        "a resource whose condition is false is left out"
    );
    let redrive = Redrive {
        dead_letter_queue: "Dead".into(),
        max_receive_count: 3,
    };
    let work = template.queues.iter().find(|queue| queue.name == "Work").unwrap();
    assert_eq!((work.visibility_timeout_s, &work.redrive), (60, &Some(redrive)));
    assert_eq!(template.rules[0].queues, ["Work"]);
    let event = serde_json::json!({"source": "aws.s3", "detail": {"bucket": {"name": "exports"}}});
    assert!(template.rules[0].pattern.matches(&event));
    assert_eq!(template.routes[0].key, "ANY /v1/{proxy+}");
    assert_eq!(template.routes[0].function, "Worker");
}

#[test]
fn a_function_gets_globals_environment_and_triggers() {
    let template = Template::parse(SMALL).unwrap();
    let function = &template.functions[0];
    assert_eq!(
        (function.binary.as_str(), function.timeout_s, function.memory_mb),
        ("worker", 7, 256)
    );
    let variable = |name: &str| function.environment[name].as_str();
    assert_eq!(variable("LOG_LEVEL"), "info");
    assert_eq!(
        variable("WHO"),
        "admin@example.com",
        "the function's own value wins"
    );
    assert_eq!((variable("TABLE"), variable("BUCKET")), ("Items", "exports"));
    assert_eq!(
        variable("URL"),
        "https://Api.execute-api.ap-southeast-3.amazonaws.com"
    );
    let queue = function
        .sources
        .iter()
        .find_map(|s| if let Source::Queue(q) = s { Some(q) } else { None })
        .unwrap();
    let stream = function
        .sources
        .iter()
        .find_map(|s| if let Source::Stream(s) = s { Some(s) } else { None })
        .unwrap();
    let schedule = function
        .sources
        .iter()
        .find_map(|s| {
            if let Source::Schedule(s) = s {
                Some(s)
            } else {
                None
            }
        })
        .unwrap();
    assert_eq!(
        (queue.queue.as_str(), queue.batch_size, queue.partial_batches),
        ("Work", 5, true)
    );
    assert_eq!(
        (stream.table.as_str(), stream.batch_size, stream.max_retries),
        ("Items", 1, Some(5))
    );
    assert_eq!(stream.on_failure.as_deref(), Some("Dead"));
    assert_eq!(stream.filters.len(), 1);
    assert_eq!(schedule.name, "Tick");
}

#[test]
fn a_template_that_cannot_be_read_says_so_once() {
    let place = "nowhere.yaml";
    let refused = Template::read(std::path::Path::new(place)).unwrap_err();
    // As the program words it: the file, then why.
    let words = format!("{:#}", anyhow::Error::new(refused).context(place));
    assert_eq!(words.matches(place).count(), 1, "{words}");
    assert_eq!(words.matches("os error").count(), 1, "{words}");
}

#[test]
fn what_is_not_supported_is_named_with_its_resource() {
    let cases = [
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
            "Q",
            "FIFO",
        ),
        ("A: {Type: AWS::Serverless::HttpApi}", "A", "not run locally"),
        (
            "T: {Type: AWS::DynamoDB::Table, Properties: {}}",
            "T",
            "KeySchema",
        ),
        (
            "B: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {LambdaConfigurations: [1]}}}",
            "B",
            "EventBridge",
        ),
        (
            "R: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [{wildcard: x}]}}}",
            "R",
            "wildcard",
        ),
        (
            "R: {Type: AWS::Events::Rule, Properties: {EventPattern: {a: [b]}, Targets: [{Arn: 'arn:aws:sqs:r:0:Gone'}]}}",
            "R",
            "Gone",
        ),
        (
            "F: {Type: AWS::Serverless::Function, Properties: {CodeUri: a/b, Events: {E: {Type: Kafka}}}}",
            "F",
            "Kafka",
        ),
        (
            "F: {Type: AWS::Serverless::Function, Properties: {CodeUri: a/b, Environment: {Variables: {X: !Ref Gone}}}}",
            "F",
            "Gone",
        ),
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Select [0, [1]]}}",
            "Q",
            "Fn::Select",
        ),
        (
            "R: {Type: AWS::ApiGatewayV2::Route, Properties: {RouteKey: 'GET /', Target: integrations/Gone}}",
            "GET /",
            "Gone",
        ),
    ];
    for (yaml, resource, problem) in cases {
        let error = Template::parse(&format!("Resources:\n  {yaml}\n"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(resource) && error.contains(problem),
            "{yaml}: {error}"
        );
    }
}

#[test]
fn the_project_template_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template = Template::read(&path).unwrap();
    let names: Vec<&str> = template
        .functions
        .iter()
        .map(|function| function.binary.as_str())
        .collect();
    for expected in ["ingest-sales", "accept-exports", "send-mail"] {
        assert!(names.contains(&expected), "{names:?}");
    }
    assert!(template.buckets.iter().any(|bucket| bucket.event_bridge));
    assert!(!template.routes.is_empty() && !template.rules.is_empty());
}
