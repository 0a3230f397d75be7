//! A program that uses the servers of a configuration: it says `ready` once they are listed and `called` once each
//! was called, then waits to be killed or for its input to end.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use serde_json::Map;
use tokio_util::sync::CancellationToken;
use tools::{McpConfig, ToolCall, ToolServerOptions, ToolServers};

pub(crate) fn run(config: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let text = std::fs::read_to_string(config).unwrap();
        let (config, problems) = McpConfig::parse(&text, Path::new(config), &|_| None);
        assert!(problems.is_empty(), "{problems:?}");
        let program = std::env::current_exe().unwrap();
        let mut options = ToolServerOptions::new(vec![program.into(), "supervise".into()]);
        options.environment = ToolServerOptions::inherited(std::env::vars_os());
        options.timeouts.connect = Duration::from_secs(60);
        let servers = ToolServers::new(config, options);
        servers.settle(Duration::from_secs(120)).await;
        for status in servers.servers() {
            assert_eq!(
                status.state,
                tools::ToolServerState::Ready,
                "{}",
                status.name
            );
        }
        let calls = servers.servers().into_iter().map(|status| {
            let servers = servers.clone();
            tokio::spawn(async move {
                let call = ToolCall {
                    server: status.name,
                    name: "children".to_owned(),
                    arguments: Map::new(),
                };
                servers
                    .call(call, &mut |_| {}, CancellationToken::new())
                    .await
                    .unwrap();
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        println!("called");
        std::io::stdout().flush().unwrap();
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
            .await
            .unwrap()
            .unwrap();
        servers.close().await;
        println!("closed");
    });
}
