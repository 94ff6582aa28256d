//! Names of things in the local account: region, account number, ARNs and physical names.

/// The region every function is told it runs in: Jakarta.
pub(crate) const REGION: &str = "ap-southeast-3";
/// The account number in local ARNs.
pub(crate) const ACCOUNT: &str = "000000000000";

/// ARN of a Lambda function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// ARN of an SQS queue.
pub(crate) fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// ARN of a DynamoDB table.
pub(crate) fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// ARN of a table's stream. There is one stream a table here, so its label is fixed.
pub(crate) fn stream_arn(table: &str) -> String {
    format!("{}/stream/local", table_arn(table))
}

/// ARN of a bucket.
pub(crate) fn bucket_arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// A bucket's physical name: its logical id in lower case, since S3 allows no capitals.
pub(crate) fn bucket_name(logical_id: &str) -> String {
    logical_id.to_ascii_lowercase()
}

/// The last part of an ARN of a queue or function: its name.
pub(crate) fn name_of_arn(arn: &str) -> Option<&str> {
    arn.starts_with("arn:aws:")
        .then(|| arn.rsplit(':').next())
        .flatten()
}

/// The table named by a table or stream ARN.
pub(crate) fn table_of_arn(arn: &str) -> Option<&str> {
    arn.split_once(":table/")
        .map(|(_, rest)| rest.split('/').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_out_of_arns() {
        assert_eq!(name_of_arn(&queue_arn("IngestQueue")), Some("IngestQueue"));
        assert_eq!(
            name_of_arn(&function_arn("SendMailFunction")),
            Some("SendMailFunction")
        );
        assert_eq!(
            table_of_arn(&stream_arn("OperationsTable")),
            Some("OperationsTable")
        );
        assert_eq!(name_of_arn("IngestQueue"), None);
    }
}
