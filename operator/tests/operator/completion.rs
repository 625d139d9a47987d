//! `fobless completion`.

use std::process::Command;

use tokio::task::spawn_blocking;

#[tokio::test]
async fn a_shell_completes_every_command_without_a_table() {
    for shell in ["bash", "zsh", "fish"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fobless"));
        command.env_clear().args(["completion", shell]);
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        for name in ["keys", "systems", "status", "explain", "unusable", "redrive"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
}
