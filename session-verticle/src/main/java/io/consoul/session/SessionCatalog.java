package io.consoul.session;

import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Makes, shows and drops whole sessions. Each method is one atomic step.
 *
 * <p>Failures: E100 where there is no such session, E003 for a cursor that is not one, E110 where the store cannot be
 * reached.
 */
interface SessionCatalog {

  /**
   * Makes a session just like this, or fails with E103.
   *
   * @param promptTokens of its system prompt
   */
  Future<SessionInfo> create(CreateSession create, int promptTokens);

  Future<SessionInfo> read(ReadSession read);

  Future<MessagePage> messages(ReadMessages read);

  /** Of a list's sessions those that are kept here; all there are where {@link #isShared}. */
  Future<SessionPage> list(ListSessions list);

  /** Whether every instance sees the same sessions. */
  boolean isShared();

  /** How many sessions have not expired, of those that are kept here or of all. */
  Future<Long> count();

  /**
   * Drops the session with all that belongs to it, its lease included, and remembers the turn that was pending, so that
   * nobody runs it again or writes to it.
   *
   * @return that turn
   */
  Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete);
}
