//! Looks at the servers of a configuration: their states, their tools in both dialects, and calls that are named as
//! `SERVER TOOL JSON`.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tools::{McpConfig, SchemaDialect, ToolCall, ToolContent, ToolServerOptions, ToolServers};

#[tokio::main]
pub(crate) async fn run(arguments: &[String]) {
    let text = std::fs::read_to_string(&arguments[0]).unwrap();
    let variables = |name: &str| std::env::var(name).ok();
    let (config, problems) = McpConfig::parse(&text, Path::new(&arguments[0]), &variables);
    problems.iter().for_each(|problem| println!("! {problem}"));
    let program = std::env::current_exe().unwrap();
    let mut options = ToolServerOptions::new(vec![program.into(), "supervise".into()]);
    options.environment = ToolServerOptions::inherited(std::env::vars_os());
    options.timeouts.connect = Duration::from_secs(30);
    let servers = ToolServers::new(config, options);
    let begun = Instant::now();
    servers.settle(Duration::from_secs(60)).await;
    println!("settled after {:?}", begun.elapsed());
    for status in servers.servers() {
        println!(
            "{} {} {:?} {:?}: {} tools",
            status.name, status.transport, status.origin, status.state, status.tools
        );
        let prompts = servers
            .prompts(&status.name)
            .await
            .map(|prompts| prompts.len());
        let resources = servers
            .resources(&status.name)
            .await
            .map(|resources| resources.len());
        println!("  prompts {prompts:?}, resources {resources:?}");
    }
    for tool in servers.listed() {
        let says = |dialect| match tools::schema_for(&tool.input_schema, dialect) {
            Ok(schema) => serde_json::to_string(&schema).unwrap().len().to_string(),
            Err(error) => error.to_string(),
        };
        println!(
            "  {} | {} | {}",
            tool.wire_name,
            says(SchemaDialect::OpenAi),
            says(SchemaDialect::Gemini)
        );
    }
    for call in arguments[1..].chunks_exact(3) {
        let begun = Instant::now();
        let request = ToolCall {
            server: call[0].clone(),
            name: call[1].clone(),
            arguments: serde_json::from_str(&call[2]).unwrap(),
        };
        let mut told = |progress| println!("  {progress:?}");
        match servers
            .call(request, &mut told, CancellationToken::new())
            .await
        {
            Ok(result) => {
                println!(
                    "{} {}: error {}, {:?}",
                    call[0],
                    call[1],
                    result.is_error,
                    begun.elapsed()
                );
                for part in result.content {
                    match part {
                        ToolContent::Text(text) => {
                            println!("  {}", text.chars().take(300).collect::<String>());
                        }
                        ToolContent::Data {
                            media_type, bytes, ..
                        } => println!("  {media_type}, {} bytes", bytes.len()),
                        other => println!(
                            "  {}",
                            format!("{other:?}").chars().take(300).collect::<String>()
                        ),
                    }
                }
            }
            Err(error) => println!(
                "{} {}: {error} (hint: {:?})",
                call[0],
                call[1],
                error.hint()
            ),
        }
    }
    servers.close().await;
}
