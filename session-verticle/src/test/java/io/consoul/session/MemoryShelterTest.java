package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.BeginTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.ManualClock;
import io.vertx.core.json.JsonObject;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The shelter of an instance")
class MemoryShelterTest {

  private static final SessionId SESSION = new SessionId("s");
  private static final String KEY = "default:s";

  private final Random random = new Random(1);
  private final Shelter shelter = new MemoryShelter(
      SessionConfig.from(new JsonObject()), new ManualClock(), random, change -> {});

  @Test
  @DisplayName("has still to delete what was deleted while it was merged")
  void deletedMeanwhile() {
    say("one");
    Shelter.Guest before = shelter.export(KEY).result();
    delete();
    shelter.merged(before, 1);

    assertThat(shelter.release(KEY).result()).isFalse();
    Shelter.Guest guest = shelter.export(KEY).result();
    assertThat(guest.deleted()).isTrue();
    shelter.merged(guest, 0);
    assertThat(shelter.release(KEY).result()).isTrue();
  }

  @Test
  @DisplayName("has still to merge what was said under the name of one that was deleted meanwhile")
  void madeAnewMeanwhile() {
    say("one");
    delete();
    say("two");
    Shelter.Guest before = shelter.export(KEY).result();
    delete();
    say("three");
    shelter.merged(before, 1);

    Shelter.Guest guest = shelter.export(KEY).result();
    assertThat(guest.deleted()).isTrue();
    assertThat(guest.session().unmerged()).isZero();
    assertThat(shelter.release(KEY).result()).isFalse();
  }

  private void delete() {
    shelter.catalog().delete(new DeleteSession(SESSION, Tenant.DEFAULT));
    shelter.delete(KEY);
  }

  private void say(String text) {
    BeginTurn turn = new BeginTurn(
        TurnId.mint(SESSION, random), Tenant.DEFAULT, text, null, new Listener("listener", 100));
    SessionStore.Begun.Granted granted =
        (SessionStore.Begun.Granted) shelter.store().begin(turn, 1, "provider").result();
    shelter
        .store()
        .seal(new SealTurn(
            turn.turn(),
            turn.tenant(),
            granted.lease().fence(),
            granted.lease().token(),
            "answer",
            FinishReason.STOP,
            new Usage(1, 1, 0, false),
            "model",
            "provider"));
  }
}
