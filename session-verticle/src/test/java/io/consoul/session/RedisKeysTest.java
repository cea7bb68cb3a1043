package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Owner;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The names of keys in Redis")
class RedisKeysTest {

  @Test
  @DisplayName("tell whose they are, also where the prefix has braces of its own")
  void bracesInPrefix() {
    RedisKeys keys = new RedisKeys("{app}:");

    assertThat(keys.nameInKey(keys.of("default:s").journal()).map(SessionName::key))
        .contains("default:s");
    assertThat(keys.nameInKey(keys.index())).isEmpty();
  }

  @Test
  @DisplayName("tell a session's list, whatever its id, and nothing of what is none")
  void lists() {
    for (Owner owner : new Owner[] {null, new Owner("key-1")}) {
      for (String id : List.of("s", "a.b:c", "odd {%} ü")) {
        ListedSession session =
            ListedSession.of(new SessionName(new Tenant("t"), new SessionId(id)), owner);
        assertThat(RedisKeys.listed(RedisKeys.listed(session))).contains(session);
      }
    }
    assertThat(RedisKeys.listed("default.key-1:s").orElseThrow().list())
        .isEqualTo(new ListName(Tenant.DEFAULT, new Owner("key-1")));
    for (String foreign : List.of("s", "t:", "t.:s", ".o:s", "t.a.b:s", "t o:s")) {
      assertThat(RedisKeys.listed(foreign)).as(foreign).isEmpty();
    }
  }
}
