package io.consoul.launcher.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The address of a chat")
class ChatAddressTest {

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @DisplayName("is the WebSocket of the session at that server")
  @CsvSource({
    "http://127.0.0.1:8000, me, ws://127.0.0.1:8000/ws/chat/me",
    "https://chat.example/, me, wss://chat.example/ws/chat/me",
    "ws://[::1]:8000, me, ws://[::1]:8000/ws/chat/me",
    "WSS://chat.example/consoul/, me, wss://chat.example/consoul/ws/chat/me",
    "http://h, a/b c+d%, ws://h/ws/chat/a%2Fb%20c%2Bd%25",
    "http://h, grün😀, ws://h/ws/chat/gr%C3%BCn%F0%9F%98%80"
  })
  void socket(String url, String session, String socket) {
    assertThat(ChatAddress.of(url, session).socket()).hasToString(socket);
  }

  @ParameterizedTest
  @DisplayName("that cannot be one is refused, and not quoted: a secret may be in it")
  @ValueSource(
      strings = {
        "secret.example",
        "ftp://secret",
        "http://",
        "http://me:secret@host",
        "http://host?api_key=secret",
        "http://sec ret"
      })
  void unusable(String url) {
    assertThatThrownBy(() -> ChatAddress.of(url, "me"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The URL must be http")
        .hasMessageNotContaining("secret");
  }
}
