# Writes devise_two_factor.json: rows that devise-two-factor itself has stored, and the codes that
# it accepts.
#
#     apt-get install ruby-devise-two-factor ruby-sqlite3
#     ruby devise_two_factor.rb >devise_two_factor.json
#
# The secrets are new in each run.

require 'json'
require 'rails'
require 'active_record'
require 'active_support/testing/time_helpers'
require 'attr_encrypted'
require 'devise'
require 'devise/orm/active_record'
require 'devise-two-factor'

include ActiveSupport::Testing::TimeHelpers

NOW = 1_790_000_000
STEP = NOW / 30

ActiveRecord::Base.establish_connection(adapter: 'sqlite3', database: ':memory:')
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :email, :encrypted_password
    t.string :encrypted_otp_secret, :encrypted_otp_secret_iv, :encrypted_otp_secret_salt
    t.integer :consumed_timestep
    t.boolean :otp_required_for_login
    t.text :otp_backup_codes
  end
end

class User < ActiveRecord::Base
  extend Devise::Models
  serialize :otp_backup_codes, Array
  devise :two_factor_authenticatable, :two_factor_backupable,
         otp_secret_encryption_key: 'a key of the host, which has 32 bytes or more'
end

def submit(user, step, at)
  code = user.otp.at(step * 30)
  travel_to(Time.at(at)) { user.validate_and_consume_otp!(code) }
end

# A login is the time and the step of the code, both counted from now.
def stored(name, logins, required: true)
  user = User.new(email: 'ada@example.com', otp_secret: User.generate_otp_secret)
  user.otp_required_for_login = required
  backup_codes = user.generate_otp_backup_codes!
  user.save!(validate: false)
  logins.each { |at, step| submit(user, STEP + step, NOW + at) or raise name }
  offsets = (-4..4).to_a
  codes = offsets.map { |offset| user.otp.at((STEP + offset) * 30) }
  raise 'two codes are equal: run again' unless codes.uniq.size == codes.size

  accepted = offsets.select do |offset|
    taken = nil
    User.transaction do
      taken = submit(User.find(user.id), STEP + offset, NOW)
      raise ActiveRecord::Rollback
    end
    taken
  end
  row = User.connection.select_one("SELECT * FROM users WHERE id = #{user.id}")
  row['otp_backup_codes'] = user.reload.otp_backup_codes
  { name: name, row: row, otp_secret: User.find(user.id).otp_secret,
    codes: offsets.zip(codes).to_h, accepted: accepted, backup_codes: backup_codes }
end

gems = %w[devise-two-factor rotp].map do |name|
  "#{name} #{Gem::Specification.find_by_name(name).version}"
end
puts JSON.pretty_generate(
  versions: gems.join(', '),
  rows: [
    stored('the code of the last step', [[-30, -1]]),
    stored('typed a step early', [[-30, 0]]),
    stored('typed a step late', [[-30, -2]]),
    stored('never used', []),
    stored('not required', [], required: false)
  ]
)
