package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.Listener;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The idempotency keys of a session in memory")
class IdempotencyKeysTest {

  private final Random random = new Random(1);
  private final IdempotencyKeys keys = new IdempotencyKeys();

  @Test
  @DisplayName("are as many as in Redis at most: the oldest are forgotten, with their turns")
  void bounded() {
    BeginTurn first = keep("first");
    BeginTurn second = keep("second");
    for (int i = 0; i < IdempotencyKeys.MAX - 2; i++) {
      keep("key " + i);
    }
    assertThat(keys.firstOf(first)).isEqualTo(first.turn());

    keep("last");

    assertThat(keys.firstOf(first)).isNull();
    assertThat(keys.of(first.turn())).isNull();
    assertThat(keys.firstOf(second)).isEqualTo(second.turn());
    assertThat(keys.toJson().size()).isEqualTo(IdempotencyKeys.MAX);
  }

  private BeginTurn keep(String key) {
    TurnId id = TurnId.mint(new SessionId("s"), random);
    BeginTurn turn = new BeginTurn(id, Tenant.DEFAULT, "one", null, new Listener("listener", 100))
        .under(new IdempotencyKey(key));
    keys.add(IdempotencyKeys.KeyUse.ofNullable(turn), turn.turn());
    return turn;
  }
}
