"""privacyIDEA for compare.sh. Its folder is the one of PRIVACYIDEA_CONFIGFILE.

pi.py fill ACCOUNTS      makes the TOTP tokens T1 to TN with one secret; 10,000 enrolments would take minutes
pi.py bodies ACCOUNTS CODE      prints one request per line; CODE is right or wrong
gunicorn pi:application      runs the server
"""
import hashlib
import hmac
import os
import struct
import sys
import time

SECRET = b"the secret of all of"


def code():
    """Returns the current code (RFC 6238). The server accepts it for three minutes."""
    mac = hmac.digest(SECRET, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def fill(app, accounts):
    from privacyidea.lib.token import init_token
    from privacyidea.models import db
    from sqlalchemy import text

    with app.app_context():
        init_token({"type": "totp", "serial": "T1", "otpkey": SECRET.hex()})
        for table in ("token", "tokeninfo"):
            rows = db.session.execute(text(f"SELECT * FROM {table}")).mappings().all()
            for row in rows:
                names = [name for name in row if not (table == "tokeninfo" and name == "id")]
                columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
                insert = text(f"INSERT INTO {table} ({columns}) VALUES ({values})")
                first = row["id"] if table == "token" else row["token_id"]
                for nth in range(2, accounts + 1):
                    new = {name: row[name] for name in names}
                    if table == "token":
                        new |= {"id": first + nth - 1, "serial": f"T{nth}"}
                    else:
                        new["token_id"] = first + nth - 1
                    db.session.execute(insert, new)
        db.session.commit()


def bodies(accounts, kind):
    right = code()
    wrong = "999999" if right.startswith("0") else "000000"
    for nth in range(1, accounts + 1):
        print(f"serial=T{nth}&pass={right if kind == 'right' else wrong}")


if sys.argv[1:2] == ["bodies"] and __name__ == "__main__":
    bodies(int(sys.argv[2]), sys.argv[3])
else:
    from privacyidea.app import create_app

    application = create_app(config_name="production", config_file=os.environ["PRIVACYIDEA_CONFIGFILE"], silent=True)
    if __name__ == "__main__":
        fill(application, int(sys.argv[2]))
