package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Ids check themselves")
class IdsTest {

  private final Random random = new Random(1);

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"a", "team:ann:1", "Zürich 🎉", "{braces}", "../../etc/passwd", "%2F"})
  @DisplayName("a turn id names its session, whatever characters that has, and holds no colon")
  void turnIdNamesItsSession(String session) {
    TurnId turn = TurnId.mint(new SessionId(session), random);

    assertThat(turn.value()).doesNotContain(":").matches("[A-Za-z0-9_-]+");
    assertThat(TurnId.parse(turn.value())).isEqualTo(turn);
    assertThat(TurnId.parse(turn.value()).session().value()).isEqualTo(session);
  }

  @Test
  @DisplayName("two turns of a session have different ids")
  void turnIdsDiffer() {
    SessionId session = new SessionId("s");

    assertThat(TurnId.mint(session, random)).isNotEqualTo(TurnId.mint(session, random));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "",
        "x",
        "AAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAYQ==",
        "AAAAAAAAAAAAAAAA!!",
        "AAAAAAAAAAAAAAAAYR",
        "AAAAAAAAAAAAAAAAAA"
      })
  @DisplayName("a turn id that no server made is refused as a field's error")
  void foreignTurnIds(String value) {
    assertThatThrownBy(() -> TurnId.parse(value))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault()).isEqualTo(Fault.FIELD_VALIDATION_FAILED));
  }

  @Test
  @DisplayName("a session id has 1 to 128 characters, counted as Unicode code points")
  void sessionIdLength() {
    assertThat(new SessionId("🎉".repeat(128)).value()).hasSize(256);
    assertRefused("");
    assertRefused("🎉".repeat(129));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\u0000", "\u001b[31m", "\u007f", "\u0085", "\ud83d"})
  @DisplayName("a session id with control characters or half a character is E004")
  void sessionIdCharacters(String value) {
    assertRefused(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:b", "a b", "ä", "{x}"})
  @DisplayName("a tenant's name is letters, digits, underscore and hyphen only")
  void tenantNames(String name) {
    assertThatThrownBy(() -> new Tenant(name)).isInstanceOf(FaultException.class);
  }

  private static void assertRefused(String sessionId) {
    assertThatThrownBy(() -> new SessionId(sessionId))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault()).isEqualTo(Fault.SESSION_ID_INVALID));
  }
}
