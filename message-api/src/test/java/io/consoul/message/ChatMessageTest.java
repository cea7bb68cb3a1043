package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.message.ChatMessage.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A message of a prompt")
class ChatMessageTest {

  @Test
  @DisplayName("is read as it was written, whoever speaks")
  void asWritten() {
    for (ChatMessage message : new ChatMessage[] {
      ChatMessage.system("Be \"brief\""), ChatMessage.user("Hello 🦉"), ChatMessage.assistant("")
    }) {
      assertThat(ChatMessage.parse(message.json())).isEqualTo(message);
    }
    assertThat(ChatMessage.parse(ChatMessage.user("Hello 🦉").json()).content())
        .isEqualTo("Hello 🦉");
  }

  @Test
  @DisplayName("is not parsed only to learn who speaks")
  void notParsed() {
    assertThat(ChatMessage.parse("{\"role\":\"user\",\"content\":no JSON").role())
        .isEqualTo(Role.USER);
  }

  @Test
  @DisplayName("may have its role anywhere, but has to have one that is known")
  void otherOrder() {
    assertThat(ChatMessage.parse("{\"content\":\"x\", \"role\":\"assistant\"}").role())
        .isEqualTo(Role.ASSISTANT);
    assertThatThrownBy(() -> ChatMessage.parse("{\"role\":\"user2\",\"content\":\"x\"}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ChatMessage.parse("{\"content\":\"x\"}"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
