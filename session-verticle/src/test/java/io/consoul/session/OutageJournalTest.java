package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.FaultException;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.FinishReason;
import io.consoul.message.Owner;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The journal of outages")
class OutageJournalTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir
  Path folder;

  private final Random random = new Random(1);
  private Vertx vertx;
  private Path file;
  private OutageJournal journal;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    file = folder.resolve("data/outage.journal");
    journal = journal(1_000_000);
    assertThat(get(journal.open())).isEmpty();
  }

  @AfterEach
  void close() {
    get(journal.close());
    get(vertx.close());
  }

  @Test
  @DisplayName("gives back what was appended, by session and in order")
  void readsWhatItWrote() {
    AcknowledgedTurn first = turn("s", "one", 1);
    AcknowledgedTurn second = turn("s", "two", 3);
    AcknowledgedTurn other = turn("t", "one", 1);
    List.of(first, other, second).forEach(turn -> get(journal.append(JournalEntry.stored(turn))));

    Map<String, List<JournalEntry>> found = reopened();

    assertThat(found.get("default:s"))
        .extracting(JournalEntry::turn)
        .containsExactly(first, second);
    assertThat(found.get("default:t")).extracting(JournalEntry::turn).containsExactly(other);
  }

  @Test
  @DisplayName("outlives the verticle that made it, for others still write to it")
  void outlivesItsMaker() {
    get(journal.close());
    String maker = get(vertx.deployVerticle(new VerticleBase() {
      @Override
      public Future<?> start() {
        journal = journal(1_000_000);
        return journal.open();
      }
    }));
    get(vertx.undeploy(maker));
    AcknowledgedTurn turn = turn("s", "one", 1);

    get(journal.append(JournalEntry.stored(turn)));

    assertThat(reopened().get("default:s")).extracting(JournalEntry::turn).containsExactly(turn);
  }

  @Test
  @DisplayName("belongs to its owner alone")
  void mode() throws IOException {
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  @DisplayName("leaves out a line that was torn, and goes on behind the last whole one")
  void tornLine() throws IOException {
    AcknowledgedTurn first = turn("s", "one", 1);
    AcknowledgedTurn second = turn("s", "two", 3);
    get(journal.append(JournalEntry.stored(first)));
    get(journal.append(JournalEntry.stored(second)));
    byte[] all = Files.readAllBytes(file);
    get(journal.close());
    Files.write(file, Arrays.copyOf(all, all.length - 10));

    assertThat(reopened().get("default:s")).extracting(JournalEntry::turn).containsExactly(first);
    get(journal.append(JournalEntry.stored(second)));
    assertThat(reopened().get("default:s"))
        .extracting(JournalEntry::turn)
        .containsExactly(first, second);
  }

  @Test
  @DisplayName("forgets what is merged, and what comes later stays")
  void merged() {
    AcknowledgedTurn second = turn("s", "two", 3);
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    int position = journal.position("default:s");
    get(journal.append(JournalEntry.stored(second)));
    get(journal.merged("default:s", position));

    assertThat(reopened().get("default:s")).extracting(JournalEntry::turn).containsExactly(second);
  }

  @Test
  @DisplayName("is empty when everything is merged")
  void emptied() {
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    get(journal.append(JournalEntry.deleted("default:t")));
    get(journal.merged("default:s", journal.position("default:s")));
    assertThat(file).isNotEmptyFile();
    get(journal.merged("default:t", journal.position("default:t")));

    assertThat(file).isEmptyFile();
    assertThat(reopened()).isEmpty();
  }

  @Test
  @DisplayName("refuses what is beyond its bound, until it is empty again")
  void full() {
    get(journal.close());
    journal = journal(2_000);
    get(journal.open());
    while (journal.hasRoom()) {
      get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    }

    assertThatThrownBy(() -> get(journal.append(JournalEntry.stored(turn("s", "one", 1)))))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("full");
    assertThat(file.toFile().length()).isLessThan(4_000);

    get(journal.merged("default:s", journal.position("default:s")));
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
  }

  @Test
  @DisplayName("does not acknowledge what it cannot write")
  void unwritable() throws IOException {
    get(journal.close());
    Files.delete(file);
    Files.delete(file.getParent());
    Files.write(file.getParent(), new byte[0], StandardOpenOption.CREATE);
    journal = journal(1_000_000);
    assertThat(get(journal.open())).isEmpty();

    assertThatThrownBy(() -> get(journal.append(JournalEntry.stored(turn("s", "one", 1)))))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("cannot be written");

    Files.delete(file.getParent());
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    assertThat(reopened()).containsOnlyKeys("default:s");
  }

  @Test
  @DisplayName(
      "says that something is merged only when that is on disk, also when it is told again")
  void mergedUnwritten() throws IOException {
    AtomicBoolean broken = new AtomicBoolean();
    get(journal.close());
    journal = new OutageJournal(vertx, new FailingFile(file, broken), 1_000_000);
    get(journal.open());
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    get(journal.append(JournalEntry.stored(turn("t", "one", 1))));
    broken.set(true);
    assertThatThrownBy(() -> get(journal.merged("default:s", journal.position("default:s"))))
        .isInstanceOf(FaultException.class);
    assertThatThrownBy(() -> get(journal.merged("default:s", journal.position("default:s"))))
        .isInstanceOf(FaultException.class);
    broken.set(false);
    get(journal.merged("default:s", journal.position("default:s")));

    assertThat(reopened()).containsOnlyKeys("default:t");
    get(journal.merged("default:t", journal.position("default:t")));
    assertThat(file).isEmptyFile();
  }

  @Test
  @DisplayName("is emptied when it is opened and everything in it was merged before the crash")
  void crashedBeforeItWasEmptied() throws IOException {
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    int position = journal.position("default:s");
    byte[] turn = Files.readAllBytes(file);
    get(journal.append(JournalEntry.stored(turn("t", "one", 1))));
    get(journal.merged("default:s", position));
    byte[] all = Files.readAllBytes(file);
    get(journal.close());
    String[] lines = new String(all, UTF_8).split("\n");
    Files.write(file, (new String(turn, UTF_8) + lines[2] + "\n").getBytes(UTF_8));
    journal = journal(turn.length);

    assertThat(get(journal.open())).isEmpty();
    assertThat(journal.hasRoom()).isTrue();
    get(journal.append(JournalEntry.stored(turn("s", "two", 1))));
  }

  @Test
  @DisplayName("never takes a position from before it was emptied for one of later entries")
  void positionOfBefore() {
    get(journal.append(JournalEntry.stored(turn("s", "one", 1))));
    get(journal.append(JournalEntry.stored(turn("s", "two", 3))));
    int before = journal.position("default:s");
    get(journal.merged("default:s", before));
    AcknowledgedTurn later = turn("s", "three", 5);
    get(journal.append(JournalEntry.stored(later)));
    get(journal.merged("default:s", before));

    assertThat(reopened().get("default:s")).extracting(JournalEntry::turn).containsExactly(later);
  }

  @Test
  @DisplayName("writes many turns that end at once together, and loses none")
  void many() {
    List<Future<Void>> written = IntStream.range(0, 500)
        .mapToObj(i -> journal.append(JournalEntry.stored(turn("s" + i, "one", 1))))
        .toList();
    get(Future.all(written));

    assertThat(reopened()).hasSize(500);
  }

  /** On a disk that is full at times. */
  private static final class FailingFile extends JournalFile {
    private final AtomicBoolean broken;

    FailingFile(Path path, AtomicBoolean broken) {
      super(path);
      this.broken = broken;
    }

    @Override
    void append(List<byte[]> lines) throws IOException {
      if (broken.get()) {
        throw new IOException();
      }
      super.append(lines);
    }
  }

  private Map<String, List<JournalEntry>> reopened() {
    get(journal.close());
    journal = journal(1_000_000);
    return get(journal.open());
  }

  private OutageJournal journal(long maxBytes) {
    return new OutageJournal(vertx, new JournalFile(file), maxBytes);
  }

  private AcknowledgedTurn turn(String session, String text, int answer) {
    TurnId id = TurnId.mint(new SessionId(session), random);
    return new AcknowledgedTurn(
        new MemorySession.Origin(
            Tenant.DEFAULT,
            new SessionId(session),
            new Owner("key-1"),
            "model",
            Settings.NONE,
            0,
            Map.of("a", "b")),
        NOW,
        false,
        new StoredMessage(ChatMessage.user(text), id, NOW, 1, null, null, null),
        new StoredMessage(
            ChatMessage.assistant(text.toUpperCase(Locale.ROOT)),
            id,
            NOW,
            1,
            "model",
            new Usage(1, 1, 0.5, false),
            FinishReason.STOP),
        new SealedTurn(answer, 7, text.length(), "provider", 1, Cuts.NONE, NOW, 5, null, "token"),
        new IdempotencyKeys.KeyUse("hash", "fingerprint"));
  }

  private static <T> T get(Future<T> future) {
    return StoreFixture.get(future);
  }
}
